import { Anchor, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { cocoExportUrl } from "../../api/projects";
import type { Project } from "../../api/types";
import { counted } from "../common/formats";

/** Downloads the project's masks; asks first what becomes of those that are to be labelled later. */
export function ExportButton({ project }: { readonly project: Project }) {
  const [isAsking, setAsking] = useState(false);
  const { unlabelled_mask_count: unlabelled, id } = project;
  const look = {
    variant: "default",
    leftSection: <IconDownload size={16} />,
    children: "Export COCO",
    "data-testid": "export-coco",
  } as const;
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
