import { ActionIcon, Group, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Markdown } from "../../components/common/Markdown";

interface Props {
  readonly text: string;
  /** What is said before it; null for nothing. */
  readonly order: string | null;
  readonly onClose: () => void;
}

/** How to label, beside the image. */
export function GuidelinesPanel({ text, order, onClose }: Props) {
  return (
    <aside className="annotator-guidelines" aria-label="Guidelines" data-testid="guidelines-panel">
      <Group justify="space-between" px={16} py={8}>
        <Text component="h2" size="xs" fw={700} className="faint" tt="uppercase" lts="0.04em">
          Guidelines
        </Text>
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label="Close the guidelines"
          onClick={onClose}
        >
          <IconX size={16} />
        </ActionIcon>
      </Group>
      {/* A stop of Tab, so that the keyboard can scroll it. */}
      <div
        className="annotator-guidelines-text"
        tabIndex={0}
        role="region"
        aria-label="Text of the guidelines"
      >
        {order !== null && (
          <Text size="sm" fw={600} mb="xs" data-testid="guidelines-order">
            {order}
          </Text>
        )}
        {text.trim() ? (
          <Markdown text={text} />
        ) : (
          <Text size="sm" c="dimmed">
            Nobody has written any yet. Who manages the project does so on its page.
          </Text>
        )}
      </div>
    </aside>
  );
}
