import { Anchor, Button, Skeleton, Stack, Switch, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconRefresh } from "@tabler/icons-react";
import { Link } from "react-router";
import { csvHref, fetchEngine } from "../../api/dashboard";
import { describeError } from "../../api/errors";
import type { EngineRow } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ChartCard } from "../../components/dashboard/ChartCard";
import { DataTable } from "../../components/dashboard/DataTable";
import { KeyFigures } from "../../components/dashboard/KeyFigures";
import { roundFigures } from "../../components/dashboard/rounds";
import { roundTable } from "../../components/dashboard/roundTable";
import { keys } from "../queries";
import { EngineCards } from "./EngineCards";

/** Whether the loop pays: label, retrain, promote, label. */
export function EngineTab({ projectId }: { readonly projectId: number }) {
  const scope = { kind: "project", id: projectId } as const;
  const [isPaperShown, setPaperShown] = useLocalStorage({ key: "engine.paper", defaultValue: true });
  const engine = useQuery({
    queryKey: [...keys.dashboard(scope), "engine"],
    queryFn: () => fetchEngine(projectId),
  });
  if (engine.isError && !engine.data) {
    return (
      <ErrorNotice
        title="The rounds could not be loaded"
        error={describeError(engine.error)}
        onRetry={() => void engine.refetch()}
      />
    );
  }
  if (!engine.data) return <Skeleton height={320} radius="md" aria-label="Loading the rounds" />;
  const { rows } = engine.data;
  const csv = csvHref(scope, "engine", {});
  return (
    <Stack gap="md" data-testid="engine" data-rounds={rows.length}>
      <KeyFigures figures={roundFigures(rows)} isPending={false} comparison={comparisonText(rows)} />
      {rows.length === 1 ? (
        <FirstRound projectId={projectId} />
      ) : (
        <>
          <Switch
            label="Show the paper’s figures"
            checked={isPaperShown}
            onChange={(event) => setPaperShown(event.currentTarget.checked)}
            data-testid="paper-switch"
          />
          <div className="dashboard-grid">
            <EngineCards rows={rows} csv={csv} isPaperShown={isPaperShown} />
            <ChartCard
              title="All rounds"
              isWide
              csv={csv}
              table={null}
              testId="engine-table"
              isPending={false}
              error={null}
              onRetry={() => void engine.refetch()}
              isEmpty={false}
            >
              {/* A region that scrolls is reached by the keyboard. */}
              <div
                className="chart-table round-table"
                tabIndex={0}
                role="region"
                aria-label="Figures of all rounds"
              >
                <DataTable {...roundTable(rows)} />
              </div>
            </ChartCard>
          </div>
        </>
      )}
      <Text size="xs" c="dimmed">
        A round begins when the project gets another{" "}
        <Anchor component={Link} to={`/projects/${projectId}/models`} size="xs" underline="always">
          model
        </Anchor>{" "}
        and has what was made with it. Sums are kept by day, in UTC: what was drawn without a model on a day
        of a change is counted in the round that had most of it. Imported masks took no time and are none by
        hand. The paper is Segment Anything, section 4.
      </Text>
    </Stack>
  );
}

function FirstRound({ projectId }: { readonly projectId: number }) {
  return (
    <EmptyState
      icon={<IconRefresh size={32} />}
      title="The first round"
      action={
        <Button component={Link} to={`/projects/${projectId}/models`} variant="default">
          Models
        </Button>
      }
    >
      After the first retraining you will see here whether it pays: seconds and clicks per mask, masks per
      image, how many proposals stand as they are, and how well each model does, round by round.
    </EmptyState>
  );
}

function comparisonText(rows: readonly EngineRow[]): string | null {
  const before = rows.at(-2);
  return before ? `Compared with round ${before.key}, ${before.name}` : null;
}
