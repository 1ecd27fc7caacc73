import {
  Button,
  Checkbox,
  Collapse,
  Group,
  MultiSelect,
  NumberInput,
  Radio,
  Select,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import type { Label, Project } from "../../api/types";
import { counted } from "../common/formats";
import { WORK_LOOKS, WORK_STATUSES } from "../project/workStatus";
import {
  firstChoices,
  PRESETS,
  SOURCES,
  type Preset,
  type RunChoices,
  type Source,
  type Thresholds,
} from "./runChoices";

interface Props {
  readonly project: Pick<Project, "model" | "image_count">;
  readonly labels: readonly Label[];
  /** Of images that were chosen before; null where they are chosen here, by status. */
  readonly imageCount: number | null;
  readonly isStarting: boolean;
  readonly onStart: (choices: RunChoices) => void;
}

interface Field {
  readonly name: keyof Thresholds;
  readonly label: string;
  readonly description: string;
  readonly max: number;
  readonly step: number;
}

const FIELDS: readonly Field[] = [
  {
    name: "points_per_side",
    label: "Points along a side",
    description: "More find smaller things and take longer",
    max: 128,
    step: 1,
  },
  {
    name: "pred_iou_thresh",
    label: "Least predicted IoU",
    description: "What the model itself thinks of a mask",
    max: 1,
    step: 0.01,
  },
  {
    name: "stability_score_thresh",
    label: "Least stability",
    description: "How little a mask depends on the cut",
    max: 1,
    step: 0.01,
  },
  {
    name: "box_nms_thresh",
    label: "Overlap of boxes",
    description: "Above it only the better of two stays",
    max: 1,
    step: 0.05,
  },
  {
    name: "min_mask_region_area",
    label: "Smallest region, in pixels",
    description: "Smaller holes and islands are taken out",
    max: 1_000_000,
    step: 10,
  },
];

/** What a run of the model over the project's images looks for, in plain words; thresholds for who knows them. */
export function RunForm({ project, labels, imageCount, isStarting, onStart }: Props) {
  const hasDetector = Boolean(project.model.manifest.detector);
  const [choices, setChoices] = useState<RunChoices>(() => firstChoices(hasDetector));
  const [isMoreShown, setMoreShown] = useState(false);
  const change = (part: Partial<RunChoices>) => setChoices((now) => ({ ...now, ...part }));
  const setThreshold = (name: keyof Thresholds, value: number | string) =>
    change({ thresholds: { ...choices.thresholds, [name]: value === "" ? null : Number(value) } });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onStart(choices);
      }}
    >
      <Stack>
        <Radio.Group
          label="What becomes of the proposals"
          value={choices.stage}
          onChange={(value) => change({ stage: value })}
        >
          <Stack gap="xs" mt={6}>
            <Radio
              value="semi_automatic"
              label="Stage 2: people meet them on each image"
              description="Whoever opens an image accepts, fixes or rejects them, and draws what is missing."
              data-autofocus
              data-testid="run-stage-2"
            />
            <Radio
              value="fully_automatic"
              label="Stage 3: the model works alone"
              description="Its masks come on a contact sheet, where many are accepted or rejected at once."
              data-testid="run-stage-3"
            />
          </Stack>
        </Radio.Group>
        <Select
          label="Where the model looks"
          description={
            hasDetector
              ? SOURCES[choices.source].description
              : "A detector comes with the first retraining from 50 masks or more."
          }
          inputWrapperOrder={["label", "input", "description", "error"]}
          allowDeselect={false}
          value={choices.source}
          onChange={(value) => change({ source: value as Source })}
          data={Object.entries(SOURCES).map(([value, { name }]) => ({
            value,
            label: name,
            disabled: value !== "grid" && !hasDetector,
          }))}
          data-testid="run-source"
        />
        <Select
          label="Preset"
          description={PRESETS[choices.preset].description}
          inputWrapperOrder={["label", "input", "description", "error"]}
          allowDeselect={false}
          value={choices.preset}
          onChange={(value) => change({ preset: value as Preset })}
          data={Object.entries(PRESETS).map(([value, { name }]) => ({ value, label: name }))}
          data-testid="run-preset"
        />
        <Group grow align="flex-start">
          <Select
            label="Label of what is accepted"
            placeholder="Labelled later"
            clearable
            value={choices.labelId === null ? null : String(choices.labelId)}
            onChange={(value) => change({ labelId: value === null ? null : Number(value) })}
            data={labels.map(({ id, name }) => ({ value: String(id), label: name }))}
            data-testid="run-label"
          />
          {imageCount === null ? (
            <MultiSelect
              label="Images"
              placeholder={choices.statuses.length === 0 ? "All but accepted ones" : ""}
              value={[...choices.statuses]}
              onChange={(value) => change({ statuses: value })}
              data={WORK_STATUSES.map((status) => ({ value: status, label: WORK_LOOKS[status].label }))}
              data-testid="run-statuses"
            />
          ) : (
            <TextInput
              label="Images"
              readOnly
              value={`The ${counted(imageCount, "chosen image")}`}
              data-testid="run-images"
            />
          )}
        </Group>
        <Checkbox
          label="Open proposals of earlier runs give way"
          checked={choices.supersede}
          onChange={(event) => change({ supersede: event.currentTarget.checked })}
        />
        <div>
          <UnstyledButton
            aria-expanded={isMoreShown}
            onClick={() => setMoreShown(!isMoreShown)}
            data-testid="run-more"
          >
            <Group gap={4}>
              {isMoreShown ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
              <Text size="sm">More: thresholds</Text>
            </Group>
          </UnstyledButton>
          <Collapse expanded={isMoreShown}>
            <div className="run-thresholds">
              {FIELDS.map(({ name, label, description, max, step }) => (
                <NumberInput
                  key={name}
                  size="sm"
                  label={label}
                  description={description}
                  placeholder="The preset’s"
                  min={name === "points_per_side" ? 1 : 0}
                  max={max}
                  step={step}
                  allowDecimal={step < 1}
                  clampBehavior="strict"
                  value={choices.thresholds[name] ?? ""}
                  onChange={(value) => setThreshold(name, value)}
                />
              ))}
            </div>
          </Collapse>
        </div>
        <Text size="sm" c="dimmed">
          {project.model.name} looks at each image on a worker. What lies over a mask that is there already is
          left out; nothing becomes a mask until somebody accepts it.
        </Text>
        <Group justify="flex-end">
          <Button
            type="submit"
            loading={isStarting}
            disabled={project.image_count === 0}
            data-testid="run-start"
          >
            Start the run
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
