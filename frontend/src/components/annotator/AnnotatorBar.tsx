import { ActionIcon, Anchor, Group, Text, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconChevronLeft,
  IconChevronRight,
  IconKeyboard,
  IconMaximize,
  IconZoomIn,
  IconZoomOut,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { ImageDetail, Project } from "../../api/types";
import type { Command } from "../../tools/keymap";
import { ThemeSwitch } from "../common/ThemeSwitch";
import { StateBadge } from "../project/StateBadge";

interface Props {
  readonly image: ImageDetail;
  readonly project: Project;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly onCommand: (command: Command) => void;
}

/** Where one is, the way to the neighbours, undo and zoom. */
export function AnnotatorBar({ image, project, canUndo, canRedo, onCommand }: Props) {
  return (
    <header className="annotator-bar">
      <Tooltip label="Back to the project">
        <ActionIcon
          component={Link}
          to={`/projects/${project.id}`}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Back to the project"
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
      <Group gap={8} wrap="nowrap" style={{ minWidth: 0, flex: 1 }}>
        <Anchor component={Link} to={`/projects/${project.id}`} size="sm" c="dimmed" truncate>
          {project.name}
        </Anchor>
        <Text size="sm" c="dimmed">
          /
        </Text>
        <Text size="sm" fw={600} truncate data-testid="file-name">
          {image.file_name}
        </Text>
        {image.embedding.state !== "ready" && <StateBadge embedding={image.embedding} />}
      </Group>
      <Group gap={4} wrap="nowrap">
        <BarButton
          label="Previous image (Shift+N)"
          testId="previous-image"
          isDisabled={image.previous_id === null}
          onClick={() => onCommand({ name: "previousImage" })}
        >
          <IconChevronLeft size={18} />
        </BarButton>
        <Text size="sm" miw={54} ta="center" data-testid="image-position">
          {image.position} / {image.total}
        </Text>
        <BarButton
          label="Next image (N)"
          testId="next-image"
          isDisabled={image.next_id === null}
          onClick={() => onCommand({ name: "nextImage" })}
        >
          <IconChevronRight size={18} />
        </BarButton>
      </Group>
      <Group gap={4} wrap="nowrap">
        <BarButton
          label="Undo (Ctrl+Z)"
          testId="undo"
          isDisabled={!canUndo}
          onClick={() => onCommand({ name: "undo" })}
        >
          <IconArrowBackUp size={18} />
        </BarButton>
        <BarButton
          label="Redo (Ctrl+Shift+Z)"
          testId="redo"
          isDisabled={!canRedo}
          onClick={() => onCommand({ name: "redo" })}
        >
          <IconArrowForwardUp size={18} />
        </BarButton>
        <BarButton label="Zoom out (-)" onClick={() => onCommand({ name: "zoomOut" })}>
          <IconZoomOut size={18} />
        </BarButton>
        <BarButton label="Zoom in (+)" onClick={() => onCommand({ name: "zoomIn" })}>
          <IconZoomIn size={18} />
        </BarButton>
        <BarButton label="Fit the image (F)" testId="fit" onClick={() => onCommand({ name: "fit" })}>
          <IconMaximize size={18} />
        </BarButton>
        <BarButton
          label="Keyboard map (?)"
          testId="show-keys"
          onClick={() => onCommand({ name: "showKeys" })}
        >
          <IconKeyboard size={18} />
        </BarButton>
        <ThemeSwitch />
      </Group>
    </header>
  );
}

function BarButton({
  label,
  testId,
  isDisabled = false,
  onClick,
  children,
}: {
  readonly label: string;
  readonly testId?: string;
  readonly isDisabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        disabled={isDisabled}
        onClick={onClick}
        data-testid={testId}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
