import { Text } from "@mantine/core";

export interface LogEntry {
  readonly key: string | number;
  readonly at: string;
  readonly level: "info" | "warning" | "error";
  readonly text: string;
}

interface Props {
  readonly entries: readonly LogEntry[];
  readonly whenEmpty: string;
}

const COLORS = {
  info: "inherit",
  warning: "var(--mantine-color-dimmed)",
  error: "var(--app-error)",
} as const;

/** What a job said of itself, the oldest first. */
export function JobLog({ entries, whenEmpty }: Props) {
  if (entries.length === 0) {
    return (
      <Text size="sm" className="faint" px="md" pb="sm">
        {whenEmpty}
      </Text>
    );
  }
  return (
    <ol className="job-log" tabIndex={0} aria-label="Log" data-testid="job-log">
      {entries.map(({ key, at, level, text }) => (
        <li key={key} data-level={level}>
          <time dateTime={at} className="faint">
            {new Date(at).toLocaleTimeString("en-GB")}
          </time>
          <Text span size="sm" c={COLORS[level]} style={{ overflowWrap: "anywhere" }}>
            {text}
          </Text>
        </li>
      ))}
    </ol>
  );
}
