import { Badge, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { ModelVersion } from "../../api/types";
import { fileSize } from "../common/formats";
import {
  ancestorsOf,
  durationText,
  metricOf,
  modelBytes,
  modelName,
  parametersText,
  speedOf,
} from "./modelTexts";

interface Props {
  readonly model: ModelVersion;
  /** All models of the server, to find the ones it came from. */
  readonly models: readonly ModelVersion[];
  readonly actions: ReactNode;
  readonly children: ReactNode;
}

/** What a project is labelled with. */
export function ModelCard({ model, models, actions, children }: Props) {
  const { manifest } = model;
  const ancestors = ancestorsOf(model, models);
  const [miou, masks] = [metricOf(model, "mean_miou"), metricOf(model, "masks")];
  const seconds = metricOf(model, "seconds_per_image");
  const speed = speedOf(model);
  return (
    <section
      className="surface"
      style={{ padding: 18 }}
      aria-label="The project's model"
      data-testid="project-model"
    >
      <Stack gap="md">
        <Group justify="space-between" align="flex-start">
          <Stack gap={4}>
            <Text size="xs" c="dimmed">
              This project’s model
            </Text>
            <Group gap="xs">
              <Title order={3} data-testid="project-model-name">
                {modelName(model)}
              </Title>
              {model.is_default && (
                <Badge variant="light" color="gray" tt="none">
                  default
                </Badge>
              )}
              {model.retrained_from !== null && (
                <Badge variant="light" tt="none">
                  retrained
                </Badge>
              )}
            </Group>
          </Stack>
          <Group gap="xs">{actions}</Group>
        </Group>
        <dl className="model-facts">
          <Fact name="Licence">{manifest.licence || "Not stated"}</Fact>
          <Fact name="Parameters">{parametersText(manifest.parameters)}</Fact>
          <Fact name="On disk">{fileSize(modelBytes(model))}</Fact>
          <Fact name="Sees">{manifest.image_size} px on the long side</Fact>
          {speed && (
            <Fact name="Embedding an image">
              {durationText(speed.encoderSeconds)}
              {speed.device && `, on ${speed.device}`}
            </Fact>
          )}
          {speed?.clickSeconds && <Fact name="Answering a click">{durationText(speed.clickSeconds)}</Fact>}
          {miou !== null && (
            <Fact name="Mean IoU">
              {miou.toFixed(3)}
              {masks !== null && `, on ${masks.toLocaleString("en")} masks`}
            </Fact>
          )}
          {seconds !== null && <Fact name="Measuring took">{seconds.toFixed(1)} s an image</Fact>}
          {ancestors.length > 0 && (
            <Fact name="Retrained from" isWide>
              {ancestors.map(modelName).join(", before that ")}
            </Fact>
          )}
        </dl>
        {children}
      </Stack>
    </section>
  );
}

interface FactProps {
  readonly name: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

function Fact({ name, isWide = false, children }: FactProps) {
  return (
    <div className={isWide ? "is-wide" : ""}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
