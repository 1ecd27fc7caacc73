import { ActionIcon, CloseButton, Group, Text } from "@mantine/core";
import { useElementSize, useFocusTrap, useMergedRef } from "@mantine/hooks";
import { IconCheck, IconChevronLeft, IconChevronRight, IconRotate } from "@tabler/icons-react";
import { useEffect, type ReactNode } from "react";
import { imageToView } from "../../../geometry/frames";
import { placeBeside, type ScreenBox } from "../../../geometry/placement";
import type { ImagePoint } from "../../../geometry/points";
import type { Size } from "../../../geometry/size";
import type { Viewport } from "../../../geometry/viewport";
import { tooltip } from "../../common/tooltip";

interface Props {
  readonly at: ImagePoint;
  readonly viewport: Viewport;
  readonly room: Size;
  readonly title: string;
  /** Left out for a thread that is being written. */
  readonly resolving?: { readonly isResolved: boolean; readonly onToggle: () => void };
  readonly onStep?: (step: 1 | -1) => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

const WIDTH = 320;
const GAP = 8;
const PIN = 28;
/** The tool strip's corner. */
const TOOLS: ScreenBox = { left: 0, top: 0, width: 70, height: 470 };

/** What is said at a place of the image, beside its pin. Escape closes it. */
export function ThreadBox({ at, viewport, room, title, resolving, onStep, onClose, children }: Props) {
  const { ref: measured, height } = useElementSize<HTMLDivElement>();
  const trap = useFocusTrap();
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // Whoever came here by keys goes on from where they were.
      if (before instanceof HTMLElement && document.activeElement === document.body) before.focus();
    };
  }, []);
  const pin = imageToView(viewport, at);
  const target = { left: pin.x, top: pin.y - PIN, width: PIN, height: PIN };
  const place = placeBeside(target, { width: WIDTH, height: Math.max(120, height + 2) }, room, [TOOLS], GAP);
  return (
    <div
      ref={useMergedRef(measured, trap)}
      className="thread-box"
      style={{ ...place, width: WIDTH, maxHeight: Math.max(160, room.height - 2 * GAP) }}
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      data-testid="thread-box"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <Group justify="space-between" wrap="nowrap" className="thread-head">
        <Text size="sm" fw={700}>
          {title}
        </Text>
        <Group gap={2} wrap="nowrap">
          {resolving && (
            <ActionIcon
              {...tooltip(resolving.isResolved ? "Open again" : "Resolve")}
              aria-label={resolving.isResolved ? "Open the thread again" : "Resolve the thread"}
              size="sm"
              variant="subtle"
              color={resolving.isResolved ? "gray" : "green"}
              onClick={resolving.onToggle}
              data-testid="thread-resolve"
            >
              {resolving.isResolved ? <IconRotate size={15} /> : <IconCheck size={15} />}
            </ActionIcon>
          )}
          {onStep && (
            <>
              <ActionIcon
                aria-label="Previous thread"
                size="sm"
                variant="subtle"
                color="gray"
                onClick={() => onStep(-1)}
              >
                <IconChevronLeft size={15} />
              </ActionIcon>
              <ActionIcon
                aria-label="Next thread"
                size="sm"
                variant="subtle"
                color="gray"
                onClick={() => onStep(1)}
              >
                <IconChevronRight size={15} />
              </ActionIcon>
            </>
          )}
          <CloseButton size="sm" aria-label="Close the thread" onClick={onClose} data-testid="thread-close" />
        </Group>
      </Group>
      {children}
    </div>
  );
}
