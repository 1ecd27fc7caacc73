import { useSearchParams } from "react-router";
import type { Evaluation, EvaluationTask } from "../../api/evaluations";
import { cancelJob, retryJob } from "../../api/jobs";
import type { ProjectDetail } from "../../api/types";
import { ShowMore } from "../../components/common/ShowMore";
import { EvaluationRow } from "../../components/evaluations/EvaluationRow";
import { comparableTo } from "../../components/evaluations/figures";
import { isUnfinished } from "../JobItem";
import { keys } from "../queries";
import { useJobAction } from "../useJobAction";
import { ReportSection } from "./ReportSection";

interface Props {
  readonly project: ProjectDetail;
  readonly tasks: readonly EvaluationTask[];
  readonly all: readonly Evaluation[];
  readonly query: Parameters<typeof ShowMore>[0]["query"];
  readonly mayStart: boolean;
}

/** The evaluations, and below them the one that is shown, if need be beside another. The address says which. */
export function EvaluationList({ project, tasks, all, query, mayStart }: Props) {
  const [search, setSearch] = useSearchParams();
  const changed = keys.evaluations(project.id);
  const cancel = useJobAction(cancelJob, "The evaluation was not cancelled", changed);
  const retry = useJobAction(retryJob, "The evaluation was not started again", changed);
  const named = (name: string) => all.find(({ id }) => id === Number(search.get(name)));
  const shown = named("shown") ?? all.find(({ state }) => state === "succeeded");
  const comparable = shown?.state === "succeeded" ? comparableTo(shown, all) : [];
  const other = comparable.find((one) => one === named("beside")) ?? null;
  const titleOf = ({ task }: Evaluation) => tasks.find(({ name }) => name === task)?.title ?? task;
  const choose = (id: number, beside: number | null) =>
    setSearch(
      { shown: String(id), ...(beside === null ? {} : { beside: String(beside) }) },
      { replace: true },
    );
  return (
    <>
      <ul className="run-list" aria-label="Evaluations">
        {all.map((one) => (
          <EvaluationRow
            key={one.id}
            evaluation={one}
            title={titleOf(one)}
            isShown={one === shown}
            onShow={() => choose(one.id, null)}
            isBeside={comparable.includes(one) ? one === other : null}
            onBeside={() => shown && choose(shown.id, one === other ? null : one.id)}
            cancel={mayStart && isUnfinished(one) ? cancel(one) : null}
            retry={mayStart && isStopped(one) ? retry(one) : null}
          />
        ))}
      </ul>
      <ShowMore size="xs" query={query}>
        Show more evaluations
      </ShowMore>
      {shown?.state === "succeeded" && (
        <ReportSection
          key={shown.id}
          shown={shown}
          title={titleOf(shown)}
          other={other}
          mayTakeFile={mayStart}
        />
      )}
    </>
  );
}

const isStopped = ({ state }: Evaluation) => state === "failed" || state === "cancelled";
