import { cancelJob, retryJob } from "../../api/jobs";
import { mayChange } from "../../api/permissions";
import type { ProposalRun } from "../../api/proposals";
import type { Label, ProjectDetail } from "../../api/types";
import { ShowMore } from "../../components/common/ShowMore";
import { RunRow } from "../../components/proposals/RunRow";
import { keys } from "../queries";
import { useJobAction } from "../useJobAction";
import { isRunBusy, type Runs } from "./useRuns";

interface Props {
  readonly project: ProjectDetail;
  readonly runs: Runs;
  readonly labels: readonly Label[];
  readonly chosen: number | null;
  readonly onChoose: (run: number | null) => void;
}

const FEW = 3;

/** The runs, the newest first: how far each is, and what became of what it found. */
export function RunsSection({ project, runs: { query, all }, labels, chosen, onChoose }: Props) {
  const mayStart = mayChange(project, "POST projects/{project_id}/proposal-runs/");
  const cancel = useJobAction(cancelJob, "The run was not cancelled", keys.proposalRuns(project.id));
  const retry = useJobAction(retryJob, "The run was not started again", keys.proposalRuns(project.id));
  const nameOf = (labelId: number | null) => labels.find(({ id }) => id === labelId)?.name ?? null;
  const isStopped = ({ state }: ProposalRun) => state === "failed" || state === "cancelled";
  return (
    <>
      <ul className="run-list" aria-label="Runs" data-many={all.length > FEW}>
        {all.map((run) => (
          <RunRow
            key={run.id}
            run={run}
            labelName={nameOf(run.label)}
            isChosen={run.id === chosen}
            onChoose={() => onChoose(run.id === chosen ? null : run.id)}
            cancel={mayStart && isRunBusy(run) ? cancel(run) : null}
            retry={mayStart && isStopped(run) ? retry(run) : null}
          />
        ))}
      </ul>
      <ShowMore size="xs" query={query}>
        Show more runs
      </ShowMore>
    </>
  );
}
