import { Skeleton, Text } from "@mantine/core";
import { differenceText } from "./figures";

export interface KeyFigure {
  readonly name: string;
  readonly value: number | null;
  /** In the period before; null where there is none. */
  readonly before: number | null;
  readonly text: (value: number | null) => string;
  readonly isShare?: boolean;
  /** How it differs, where that is no part of what it was. */
  readonly difference?: string | null;
  /** Which way is the better one, where one is: the difference then has an arrow and a colour. */
  readonly better?: "less" | "more";
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
      {figures.map(({ name, value, before, text, isShare = false, note, better, ...told }) => {
        const own = told.difference === undefined ? differenceText(value, before, isShare) : told.difference;
        const difference = comparison === null ? null : own;
        const tone = better && difference ? toneOf(value, before, better) : null;
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
              {tone ? (
                <span className="key-figure-change" data-tone={tone}>
                  {[ARROWS[arrowOf(value, before)], difference].join(" ")}
                </span>
              ) : (
                [note, difference].filter(Boolean).join(" · ") || " "
              )}
            </Text>
          </div>
        );
      })}
    </div>
  );
}

const ARROWS = { up: "▲", down: "▼", level: "●" } as const;

function arrowOf(now: number | null, before: number | null): keyof typeof ARROWS {
  const difference = (now ?? 0) - (before ?? 0);
  return difference > 0 ? "up" : difference < 0 ? "down" : "level";
}

/** Colour alone says nothing: the arrow stands beside it. */
function toneOf(now: number | null, before: number | null, better: "less" | "more"): string {
  const arrow = arrowOf(now, before);
  if (arrow === "level") return "same";
  return (arrow === "down") === (better === "less") ? "better" : "worse";
}
