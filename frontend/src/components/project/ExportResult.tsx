import type { Job } from "../../api/types";
import { JobFileResult } from "../jobs/JobFileResult";
import { LossAccount } from "./LossAccount";
import { lossesOf } from "./losses";

interface Props {
  readonly job: Job;
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

/** An export on its way, and what came of it. */
export function ExportResult(props: Props) {
  const losses = lossesOf(props.job);
  return (
    <JobFileResult what="export" {...props}>
      {losses && <LossAccount report={losses} />}
    </JobFileResult>
  );
}
