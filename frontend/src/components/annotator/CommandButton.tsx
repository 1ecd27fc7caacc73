import { ActionIcon, type FloatingPosition } from "@mantine/core";
import type { ReactNode } from "react";
import type { Command } from "../../tools/commands";
import { tooltip } from "../common/tooltip";
import { useLabelWithKey } from "./KeymapContext";

interface Props {
  readonly label: string;
  /** Said in the tooltip after the label. */
  readonly description?: string;
  readonly command: Command;
  readonly onCommand: (command: Command) => void;
  readonly testId?: string;
  readonly isDisabled?: boolean;
  /** For what is on or off; left out for what is done once. */
  readonly isPressed?: boolean;
  readonly color?: string;
  readonly size?: "md" | "lg";
  readonly tooltipAt?: FloatingPosition;
  readonly children: ReactNode;
}

/** An icon that runs a command; its tooltip tells the key the command has at present. */
export function CommandButton(props: Props) {
  const { command, isPressed, description } = props;
  const label = useLabelWithKey()(props.label, command);
  return (
    <ActionIcon
      {...tooltip(description ? `${label}: ${description}` : label, props.tooltipAt)}
      variant={isPressed ? "filled" : "subtle"}
      {...(isPressed ? {} : { color: props.color ?? "gray" })}
      size={props.size ?? "lg"}
      aria-label={label}
      {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
      disabled={props.isDisabled ?? false}
      onClick={() => props.onCommand(command)}
      data-testid={props.testId}
    >
      {props.children}
    </ActionIcon>
  );
}
