import { Anchor, Button, Group, Modal, Stack, Tabs, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../api/errors";
import { mayChange } from "../api/permissions";
import { updateProject } from "../api/projects";
import type { ProjectDetail } from "../api/types";
import { Markdown } from "../components/common/Markdown";
import { keys } from "./queries";

const LONGEST = 100_000;
const MARKDOWN_HELP = "https://www.markdownguide.org/basic-syntax/";

interface Props {
  readonly project: ProjectDetail;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** How to label in this project: everybody reads it, who manages the project writes it. */
export function GuidelinesModal({ project, isOpen, onClose }: Props) {
  const [isEditing, setEditing] = useState(false);
  const isManaged = mayChange(project, "PATCH projects/{project_id}/");
  const close = () => {
    setEditing(false);
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title="Guidelines"
      size="xl"
      // What is being written is not lost to a press beside it.
      closeOnClickOutside={!isEditing}
      closeOnEscape={!isEditing}
    >
      {isEditing ? (
        <Editor project={project} onDone={() => setEditing(false)} />
      ) : (
        <Stack>
          {project.guidelines.trim() ? (
            <Markdown text={project.guidelines} />
          ) : (
            <Text c="dimmed" data-testid="guidelines-empty">
              {isManaged
                ? "Nobody has written any yet. Say what is to be labelled, how exactly, and what to do in doubt: the annotator shows it beside the image."
                : "Nobody has written any yet."}
            </Text>
          )}
          {isManaged && (
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setEditing(true)} data-testid="guidelines-edit">
                {project.guidelines.trim() ? "Edit" : "Write them"}
              </Button>
            </Group>
          )}
        </Stack>
      )}
    </Modal>
  );
}

function Editor({ project, onDone }: { readonly project: ProjectDetail; readonly onDone: () => void }) {
  const queryClient = useQueryClient();
  const [text, setText] = useState(project.guidelines);
  const saving = useMutation({
    mutationFn: () => updateProject(project.id, { guidelines: text }),
    onSuccess: (saved) => {
      queryClient.setQueryData(keys.project(project.id), saved);
      onDone();
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The guidelines were not saved",
        message: describeError(error).message,
      }),
  });
  return (
    <Stack>
      <Tabs defaultValue="write" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="write">Write</Tabs.Tab>
          <Tabs.Tab value="preview" data-testid="guidelines-preview">
            Preview
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="write" pt="sm">
          <Textarea
            aria-label="Guidelines in Markdown"
            autosize
            minRows={12}
            maxRows={24}
            maxLength={LONGEST}
            value={text}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            onChange={(event) => setText(event.currentTarget.value)}
            data-testid="guidelines-text"
          />
        </Tabs.Panel>
        <Tabs.Panel value="preview" pt="sm" mih={260}>
          <Markdown text={text} />
        </Tabs.Panel>
      </Tabs>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          In{" "}
          <Anchor href={MARKDOWN_HELP} target="_blank" rel="noreferrer" size="xs">
            Markdown
          </Anchor>
          ; HTML is left out.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button loading={saving.isPending} onClick={() => saving.mutate()} data-testid="guidelines-save">
            Save
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
