import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { cocoExportUrl } from "../../api/projects";
import type { Project } from "../../api/types";
import { counted } from "../common/formats";

export type Unlabelled = "skip" | "include";

interface Props {
  readonly project: Pick<Project, "id" | "unlabelled_mask_count" | "mask_count">;
  readonly isOpen: boolean;
  readonly isStarting: boolean;
  readonly onClose: () => void;
  readonly onBackground: (unlabelled: Unlabelled | null) => void;
}

/** How a project is exported: what becomes of masks without a label, now or in the background. */
export function ExportDialog({ project, isOpen, isStarting, onClose, onBackground }: Props) {
  const { id, unlabelled_mask_count: unlabelled, mask_count: masks } = project;
  const [choice, setChoice] = useState<Unlabelled>("skip");
  const decided = unlabelled > 0 ? choice : null;
  return (
    <Modal opened={isOpen} onClose={onClose} title="Export COCO">
      <Stack>
        <Text size="sm">
          {counted(masks, "mask")}. In the background the server writes the file while you do something else,
          and tells you when it is ready.
        </Text>
        {unlabelled > 0 && (
          <Radio.Group
            label={`${counted(unlabelled, "mask has", "masks have")} no label yet`}
            value={choice}
            onChange={(value) => setChoice(value)}
          >
            <Stack gap={6} mt={6}>
              <Radio value="skip" label="Leave them out" />
              <Radio value="include" label="Export them as “unlabelled”, with the id 0" />
            </Stack>
          </Radio.Group>
        )}
        <Group justify="flex-end">
          <Button
            component="a"
            href={cocoExportUrl(id, decided ?? undefined)}
            download
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={onClose}
          >
            Download now
          </Button>
          <Button
            loading={isStarting}
            onClick={() => {
              onBackground(decided);
              onClose();
            }}
            data-testid="export-background"
          >
            Export in the background
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
