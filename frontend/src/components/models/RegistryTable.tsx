import { Badge, Button, Group, Table, Text } from "@mantine/core";
import type { ModelVersion } from "../../api/types";
import { fileSize } from "../common/formats";
import { durationText, metricOf, modelBytes, modelName, parametersText, speedOf } from "./modelTexts";

interface Props {
  readonly models: readonly ModelVersion[];
  /** The project's. */
  readonly usedId: number;
  /** The model that is being taken; null while none is. */
  readonly busyId: number | null;
  /** Null for who may not choose. */
  readonly onUse: ((model: ModelVersion) => void) | null;
}

/** All models of the server: what they are, and which one this project uses. */
export function RegistryTable({ models, usedId, busyId, onUse }: Props) {
  const byId = new Map(models.map((model) => [model.id, model]));
  return (
    <Table.ScrollContainer minWidth={920}>
      <Table verticalSpacing="sm" fz="sm" aria-label="Models of the server" data-testid="registry">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Model</Table.Th>
            <Table.Th scope="col">Retrained from</Table.Th>
            <Table.Th scope="col">Licence</Table.Th>
            <Table.Th scope="col" className="is-number">
              Parameters
            </Table.Th>
            <Table.Th scope="col" className="is-number">
              On disk
            </Table.Th>
            <Table.Th scope="col" className="is-number">
              Per image
            </Table.Th>
            <Table.Th scope="col" className="is-number">
              Per click
            </Table.Th>
            <Table.Th scope="col" className="is-number">
              Mean IoU
            </Table.Th>
            <Table.Th scope="col" aria-label="Use" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => {
            const parent = model.retrained_from === null ? undefined : byId.get(model.retrained_from);
            const isUsed = model.id === usedId;
            return (
              <Table.Tr
                key={model.id}
                data-testid="registry-row"
                data-model={modelName(model)}
                data-is-used={isUsed}
              >
                <Table.Th scope="row" fw={600}>
                  <Group gap={6}>
                    {modelName(model)}
                    {isUsed && (
                      <Badge size="sm" variant="light" tt="none">
                        in use here
                      </Badge>
                    )}
                    {model.is_default && (
                      <Badge size="sm" variant="light" color="gray" tt="none">
                        default
                      </Badge>
                    )}
                  </Group>
                  <Text size="xs" c="dimmed" fw={400}>
                    {model.manifest.architecture}, sees {model.manifest.image_size} px
                  </Text>
                </Table.Th>
                <Table.Td>{parent ? modelName(parent) : "–"}</Table.Td>
                <Table.Td>{model.manifest.licence || "Not stated"}</Table.Td>
                <Table.Td className="is-number">{parametersText(model.manifest.parameters)}</Table.Td>
                <Table.Td className="is-number">{fileSize(modelBytes(model))}</Table.Td>
                <SpeedCells model={model} />
                <Table.Td className="is-number">{figureText(metricOf(model, "mean_miou"), 3)}</Table.Td>
                <Table.Td ta="right">
                  {onUse && !isUsed && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      loading={busyId === model.id}
                      disabled={busyId !== null}
                      onClick={() => onUse(model)}
                      aria-label={`Use ${modelName(model)} here`}
                    >
                      Use
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** As the manifest tells: of embedding an image, and of answering a click. */
function SpeedCells({ model }: { readonly model: ModelVersion }) {
  const speed = speedOf(model);
  return (
    <>
      <Table.Td className="is-number">
        {speed ? durationText(speed.encoderSeconds) : "–"}
        {speed?.device && (
          <Text size="xs" c="dimmed">
            {speed.device}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="is-number">
        {speed?.clickSeconds ? durationText(speed.clickSeconds) : "–"}
      </Table.Td>
    </>
  );
}

function figureText(value: number | null, digits: number): string {
  return value === null ? "–" : value.toFixed(digits);
}
