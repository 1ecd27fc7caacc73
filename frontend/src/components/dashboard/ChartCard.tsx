import { ActionIcon, Center, Group, Skeleton, Text, Title, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconChartBar, IconDownload, IconTable } from "@tabler/icons-react";
import { useId, useState, type ReactNode } from "react";
import { ErrorNotice } from "../common/ErrorNotice";
import { DataTable, type TableData } from "./DataTable";
import type { Part } from "./series";

/** What a card shows: not there yet, failed, nothing, or a picture. */
export interface Loaded {
  readonly isPending: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly onRetry: () => void;
  readonly isEmpty: boolean;
  /** What is said then. */
  readonly emptyText?: string;
}

interface Props extends Loaded {
  readonly title: string;
  /** What is counted, where the title leaves a doubt. */
  readonly note?: string;
  readonly csv: string;
  /** The same in numbers, for screen readers and for a look; none where the picture is a table. */
  readonly table: TableData | null;
  readonly legend?: readonly Part[];
  readonly isWide?: boolean;
  /** What can be chosen about this chart alone. */
  readonly control?: ReactNode;
  readonly testId: string;
  readonly children: ReactNode;
}

const HEIGHT = 240;

/** A chart with its title, its numbers as a table and as a file. */
export function ChartCard(props: Props) {
  const {
    title,
    note,
    csv,
    table,
    legend,
    isWide = false,
    control,
    testId,
    isPending,
    error,
    isEmpty,
  } = props;
  const [isTable, setTable] = useState(false);
  const titleId = useId();
  const swap = isTable ? "Show the chart" : "Show the numbers";
  return (
    <section
      className={isWide ? "chart-card is-wide" : "chart-card"}
      aria-labelledby={titleId}
      data-testid={testId}
    >
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={3} fz="md" id={titleId}>
            {title}
          </Title>
          {note && (
            <Text size="xs" c="dimmed">
              {note}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap">
          {control}
          {table && (
            <Tooltip label={swap}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`${swap}: ${title}`}
                onClick={() => setTable(!isTable)}
              >
                {isTable ? <IconChartBar size={16} /> : <IconTable size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
          <Tooltip label="Download as CSV">
            <ActionIcon
              component="a"
              href={csv}
              download
              variant="subtle"
              color="gray"
              aria-label={`Download as CSV: ${title}`}
            >
              <IconDownload size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      <Body {...props} isTable={isTable} />
      {legend && legend.length > 0 && !isPending && !error && !isEmpty && !isTable && (
        <div className="legend" aria-hidden>
          {legend.map(({ name, label, color }) => (
            <span key={name}>
              <span className="swatch" style={{ background: color }} />
              {label}
            </span>
          ))}
        </div>
      )}
    </section>
  );
}

function Body({
  title,
  isPending,
  error,
  onRetry,
  isEmpty,
  emptyText = "Nothing in this period.",
  table,
  isTable,
  children,
}: Props & { readonly isTable: boolean }) {
  if (error) return <ErrorNotice title="This could not be loaded" error={error} onRetry={onRetry} />;
  if (isPending) return <Skeleton height={HEIGHT} radius="md" aria-label={`Loading: ${title}`} />;
  if (isEmpty) {
    return (
      <Center h={120}>
        <Text size="sm" c="dimmed">
          {emptyText}
        </Text>
      </Center>
    );
  }
  if (!table) return children;
  if (isTable) {
    return (
      // A region that scrolls is reached by the keyboard.
      <div className="chart-table" tabIndex={0} role="region" aria-label={table.caption}>
        <DataTable {...table} />
      </div>
    );
  }
  return (
    <>
      <div aria-hidden>{children}</div>
      <VisuallyHidden>
        <DataTable {...table} />
      </VisuallyHidden>
    </>
  );
}
