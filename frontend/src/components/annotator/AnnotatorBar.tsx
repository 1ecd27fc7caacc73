import { ActionIcon, Anchor, Group, Text } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconBook,
  IconChevronLeft,
  IconChevronRight,
  IconKeyboard,
  IconMaximize,
  IconZoomIn,
  IconZoomOut,
  IconZoomReset,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { memo } from "react";
import { Link } from "react-router";
import type { ImageDetail, ProjectDetail } from "../../api/types";
import type { Command } from "../../tools/commands";
import { tooltip } from "../common/tooltip";
import { ThemeSwitch } from "../common/ThemeSwitch";
import { StateBadge } from "../project/StateBadge";
import { CommandButton } from "./CommandButton";
import { RulesBadge } from "./RulesBadge";

interface Props {
  readonly image: ImageDetail;
  readonly project: ProjectDetail;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly areGuidelinesShown: boolean;
  readonly onCommand: (command: Command) => void;
  /** Further controls of the image, before the keys. */
  readonly children?: ReactNode;
}

/** Where one is, the way to the neighbours, undo and zoom. */
export const AnnotatorBar = memo(function AnnotatorBar({
  image,
  project,
  canUndo,
  canRedo,
  areGuidelinesShown,
  onCommand,
  children,
}: Props) {
  return (
    <header className="annotator-bar">
      <ActionIcon
        {...tooltip("Back to the project")}
        component={Link}
        to={`/projects/${project.id}`}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Back to the project"
      >
        <IconArrowLeft size={18} />
      </ActionIcon>
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
        <RulesBadge rules={project} />
        {image.embedding.state !== "ready" && <StateBadge embedding={image.embedding} />}
      </Group>
      <Group gap={4} wrap="nowrap">
        <CommandButton
          label="Previous image"
          command={{ name: "previousImage" }}
          testId="previous-image"
          isDisabled={image.previous_id === null}
          onCommand={onCommand}
        >
          <IconChevronLeft size={18} />
        </CommandButton>
        <Text size="sm" miw={54} ta="center" data-testid="image-position">
          {image.position} / {image.total}
        </Text>
        <CommandButton
          label="Next image"
          command={{ name: "nextImage" }}
          testId="next-image"
          isDisabled={image.next_id === null}
          onCommand={onCommand}
        >
          <IconChevronRight size={18} />
        </CommandButton>
      </Group>
      <Group gap={4} wrap="nowrap">
        <CommandButton
          label="Undo"
          command={{ name: "undo" }}
          testId="undo"
          isDisabled={!canUndo}
          onCommand={onCommand}
        >
          <IconArrowBackUp size={18} />
        </CommandButton>
        <CommandButton
          label="Redo"
          command={{ name: "redo" }}
          testId="redo"
          isDisabled={!canRedo}
          onCommand={onCommand}
        >
          <IconArrowForwardUp size={18} />
        </CommandButton>
        <CommandButton label="Zoom out" command={{ name: "zoomOut" }} onCommand={onCommand}>
          <IconZoomOut size={18} />
        </CommandButton>
        <CommandButton label="Zoom in" command={{ name: "zoomIn" }} onCommand={onCommand}>
          <IconZoomIn size={18} />
        </CommandButton>
        <CommandButton label="Fit the image" command={{ name: "fit" }} testId="fit" onCommand={onCommand}>
          <IconMaximize size={18} />
        </CommandButton>
        <CommandButton
          label="One image pixel per screen pixel"
          command={{ name: "actualSize" }}
          testId="actual-size"
          onCommand={onCommand}
        >
          <IconZoomReset size={18} />
        </CommandButton>
        {children}
        <CommandButton
          label="Guidelines"
          command={{ name: "guidelines" }}
          testId="guidelines-toggle"
          isPressed={areGuidelinesShown}
          onCommand={onCommand}
        >
          <IconBook size={18} />
        </CommandButton>
        <CommandButton
          label="Keys and gestures"
          command={{ name: "showKeys" }}
          testId="show-keys"
          onCommand={onCommand}
        >
          <IconKeyboard size={18} />
        </CommandButton>
        <ThemeSwitch />
      </Group>
    </header>
  );
});
