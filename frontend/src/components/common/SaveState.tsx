import { Anchor, Button, Group, Loader, Popover, Text, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowsSplit2,
  IconCloudCheck,
  IconCloudOff,
  IconLock,
  IconUserPause,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { SaveStatus } from "../../state/saveStatus";
import { counted } from "./formats";
import { tooltip } from "./tooltip";

interface Props {
  readonly save: SaveStatus;
  /** The image on the screen; there is no need to lead to it. */
  readonly imageId: number | null;
  readonly onRetry: () => void;
  readonly onLogIn: () => void;
  readonly onDiscard: () => void;
}

/** Whether one's work is on the server, and what keeps it from there. */
export function SaveState(props: Props) {
  const { save } = props;
  const isCalm = save.kind === "saved" || save.kind === "saving";
  return (
    <span className="save-state" role="status" aria-live="polite">
      <span
        {...tooltip(explanation(save), "top")}
        className="save-state"
        style={isCalm ? {} : { color: "var(--app-warning)" }}
        data-testid="save-state"
        data-state={save.kind}
        data-waiting={save.waiting}
      >
        <Said {...props} />
        <WayThere {...props} />
      </span>
      {!save.isKept && (
        <Tooltip
          label="This browser cannot store it: keep this tab open until everything is saved."
          multiline
          maw={320}
        >
          <span className="save-state" style={{ color: "var(--app-error)" }} data-testid="save-not-kept">
            <IconAlertTriangle size={14} /> Only in this tab
          </span>
        </Tooltip>
      )}
      {save.others.length > 0 && (
        <Tooltip
          label="Their work stays in this browser and is sent when they log in here again."
          multiline
          maw={320}
        >
          <span className="save-state" data-testid="save-others">
            <IconUserPause size={14} /> Work of {save.others.join(", ")} waits
          </span>
        </Tooltip>
      )}
    </span>
  );
}

/** The way to the first image on which something is to be decided. */
function WayThere({ save, imageId }: Pick<Props, "save" | "imageId">) {
  const { undecidedImages } = save;
  const [first] = undecidedImages;
  if (first === undefined || (imageId !== null && undecidedImages.includes(imageId))) return null;
  const others = undecidedImages.length > 1 ? `, 1 of ${undecidedImages.length}` : "";
  return (
    <Anchor component={Link} to={`/images/${first}`} fz={12} data-testid="save-undecided">
      Show the image{others}
    </Anchor>
  );
}

function Said({ save, onRetry, onLogIn, onDiscard }: Props): ReactNode {
  switch (save.kind) {
    case "saved":
      return (
        <>
          <IconCloudCheck size={14} /> Saved
        </>
      );
    case "saving":
      return (
        <>
          <Loader size={11} /> Saving {save.waiting}
        </>
      );
    case "offline":
      return (
        <>
          <IconCloudOff size={14} /> Offline, {save.waiting} pending
          <Action name="Try now" onClick={onRetry} />
        </>
      );
    case "login":
      return (
        <>
          <IconLock size={14} />
          <Action name="Log in again" onClick={onLogIn} testId="save-login" /> to save {save.waiting}
        </>
      );
    case "refused":
      return <Refused save={save} onRetry={onRetry} onDiscard={onDiscard} />;
    case "conflict":
      return (
        <>
          <IconArrowsSplit2 size={14} /> {counted(save.conflicts, "conflict")} to decide
        </>
      );
  }
}

function Refused({ save, onRetry, onDiscard }: Pick<Props, "save" | "onRetry" | "onDiscard">) {
  return (
    <Popover width={320} position="top" withArrow>
      <Popover.Target>
        <Anchor component="button" type="button" fz={12} c="inherit" className="save-state">
          <IconAlertTriangle size={14} /> {save.waiting} not saved
        </Anchor>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" mb="xs" style={{ whiteSpace: "normal" }}>
          The server does not take {counted(save.waiting, "change")}: {save.problem?.message} (
          {save.problem?.code})
        </Text>
        <Group gap="xs">
          <Button size="compact-xs" onClick={onRetry}>
            Try again
          </Button>
          <Button
            size="compact-xs"
            variant="light"
            color="red"
            onClick={onDiscard}
            data-testid="save-discard"
          >
            Give up {counted(save.waiting, "change")}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}

function Action({
  name,
  onClick,
  testId,
}: {
  readonly name: string;
  readonly onClick: () => void;
  readonly testId?: string;
}) {
  return (
    <Anchor component="button" type="button" fz={12} onClick={onClick} data-testid={testId}>
      {name}
    </Anchor>
  );
}

function explanation({ kind, problem, isKept, waiting }: SaveStatus): string {
  const kept = isKept ? "Kept on this computer until then; closing the tab loses nothing." : "";
  const why = problem ? `${problem.message} (${problem.code}) ` : "";
  switch (kind) {
    case "saved":
      return "Everything is on the server.";
    case "saving":
      return `${counted(waiting, "change")} on the way to the server.`;
    case "offline":
      return `${why}Tried again by itself. ${kept}`;
    case "login":
      return `${why}${kept}`;
    case "refused":
      return why;
    case "conflict":
      return "Somebody else changed the same masks. Both versions are kept until you choose in the side panel.";
  }
}
