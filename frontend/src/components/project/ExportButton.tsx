import { Anchor, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { cocoExportUrl } from "../../api/projects";
import type { Project } from "../../api/types";
import { counted } from "../common/formats";
import { ExportDialog, type Unlabelled } from "./ExportDialog";

/** Masks that take the server long enough to write that one would rather not wait for them. */
const MANY = 5_000;

interface Props {
  readonly project: Project;
  readonly isStarting: boolean;
  readonly onBackground: (unlabelled: Unlabelled | null) => void;
}

/** Downloads the project's masks; asks first what becomes of those that are to be labelled later, and of a large project
 * whether to write the file in the background. */
export function ExportButton({ project, isStarting, onBackground }: Props) {
  const [isAsking, setAsking] = useState(false);
  const { unlabelled_mask_count: unlabelled, id } = project;
  const look = {
    variant: "default",
    leftSection: <IconDownload size={16} />,
    children: "Export COCO",
    "data-testid": "export-coco",
  } as const;
  if (project.mask_count >= MANY) {
    return (
      <>
        <Button {...look} loading={isStarting} onClick={() => setAsking(true)} />
        <ExportDialog
          project={project}
          isOpen={isAsking}
          isStarting={isStarting}
          onClose={() => setAsking(false)}
          onBackground={onBackground}
        />
      </>
    );
  }
  if (unlabelled === 0) return <Button component="a" href={cocoExportUrl(id)} download {...look} />;
  return (
    <>
      <Button {...look} onClick={() => setAsking(true)} />
      <Modal opened={isAsking} onClose={() => setAsking(false)} title="Masks without a label">
        <Stack>
          <Text size="sm">
            {counted(unlabelled, "mask has", "masks have")} no label yet. COCO puts every mask into a
            category: leave them out, or export them in a category “unlabelled” with the id 0.
          </Text>
          <Group justify="flex-end">
            <Anchor
              href={cocoExportUrl(id, "include")}
              download
              size="sm"
              onClick={() => setAsking(false)}
              data-testid="export-include"
            >
              Export as “unlabelled”
            </Anchor>
            <Button
              component="a"
              href={cocoExportUrl(id, "skip")}
              download
              onClick={() => setAsking(false)}
              data-testid="export-skip"
            >
              Leave them out
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
