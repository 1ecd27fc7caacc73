import type { ReactNode } from "react";
import type { TrainingRunDetail } from "../../api/types";
import { counted, duration } from "../common/formats";
import { modelName } from "./modelTexts";
import { materialText, partsLabel } from "./trainingTexts";

/** What a retraining was asked for, and what it was made of. */
export function RunFacts({ run }: { readonly run: TrainingRunDetail }) {
  const others = run.projects.length - 1;
  const chosen = run.parts_chosen || run.parts;
  return (
    <dl className="model-facts surface" style={{ padding: 16 }} data-testid="run-facts">
      <Fact name="Trained on">
        {materialText(run.train_masks, run.train_images)}
        {others > 0 && `, of ${counted(others, "other project")} too`}
      </Fact>
      <Fact name="Measured by">{materialText(run.val_masks, run.val_images)}</Fact>
      <Fact name="What learns">
        {partsLabel(chosen)}
        {run.parts === "auto" && run.parts_chosen !== "" && ", as suits the machine"}
      </Fact>
      <Fact name="At most">
        {duration(60 * run.max_minutes)}
        {run.steps !== null && `, ${counted(run.steps, "step")}`}
      </Fact>
      <Fact name="Device">{run.device || "Known once it begins"}</Fact>
      {run.result && <Fact name="What came of it">{modelName(run.result)}</Fact>}
      {run.started_at !== null && run.finished_at !== null && (
        <Fact name="Took">{duration((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000)}</Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
