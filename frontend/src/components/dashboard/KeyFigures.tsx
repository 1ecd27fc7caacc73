import { Skeleton, Text } from "@mantine/core";
import { differenceText } from "./figures";

export interface KeyFigure {
  readonly name: string;
  readonly value: number | null;
  /** In the period before; null where there is none. */
  readonly before: number | null;
  readonly text: (value: number | null) => string;
  readonly isShare?: boolean;
  /** What else is to be said of it. */
  readonly note?: string;
}

interface Props {
  readonly figures: readonly KeyFigure[];
  readonly isPending: boolean;
  /** What it is compared with, in words; null for nothing. */
  readonly comparison: string | null;
}

/** The few numbers one looks at first. */
export function KeyFigures({ figures, isPending, comparison }: Props) {
  return (
    <div className="key-figures" role="list" data-testid="key-figures">
      {figures.map(({ name, value, before, text, isShare = false, note }) => {
        const difference = comparison === null ? null : differenceText(value, before, isShare);
        return (
          <div key={name} className="key-figure" role="listitem" data-testid={`figure-${name}`}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            {isPending ? (
              <Skeleton height={31} width={80} />
            ) : (
              <span className="key-figure-value">{text(value)}</span>
            )}
            <Text size="xs" c="dimmed" title={comparison ?? ""}>
              {[note, difference].filter(Boolean).join(" · ") || " "}
            </Text>
          </div>
        );
      })}
    </div>
  );
}
