import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconPlayerSkipForward, IconSend, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Work } from "../../api/types";
import type { Command } from "../../tools/commands";
import { tooltip } from "../common/tooltip";
import { WorkBadge } from "../project/WorkBadge";
import { useLabelWithKey } from "./KeymapContext";

type Step = "submit" | "withdraw" | "skip" | "accept" | "reject";

interface Props {
  readonly work: Work;
  readonly steps: ReadonlySet<Step>;
  readonly isBusy: boolean;
  readonly onCommand: (command: Command) => void;
  readonly onWithdraw: () => void;
}

/** How far the image is and what comes next: submit, skip, take back; accept or send back for reviewers. */
export function WorkControls({ work, steps, isBusy, onCommand, onWithdraw }: Props) {
  const withKey = useLabelWithKey();
  const button = (label: string, name: "handIn" | "skipImage" | "rejectImage") => ({
    ...tooltip(withKey(label, { name })),
    size: "compact-sm",
    disabled: isBusy,
    onClick: () => onCommand({ name }),
  });
  return (
    <Group gap={6} wrap="nowrap" data-testid="work-controls">
      <WorkBadge work={work} withName />
      {steps.has("skip") && (
        <Button
          {...button("Skip the image with a reason", "skipImage")}
          variant="default"
          leftSection={<IconPlayerSkipForward size={14} />}
          data-testid="work-skip"
        >
          Skip
        </Button>
      )}
      {steps.has("submit") && (
        <Button
          {...button("Submit the image and take the next", "handIn")}
          leftSection={<IconSend size={14} />}
          loading={isBusy}
          data-testid="work-submit"
        >
          Submit
        </Button>
      )}
      {steps.has("withdraw") && (
        <Button
          {...tooltip("Take back what was submitted, to change it")}
          size="compact-sm"
          variant="default"
          disabled={isBusy}
          leftSection={<IconArrowBackUp size={14} />}
          onClick={onWithdraw}
          data-testid="work-withdraw"
        >
          Take back
        </Button>
      )}
      {steps.has("reject") && (
        <Button
          {...button("Send the image back to its author", "rejectImage")}
          color="orange"
          variant="light"
          leftSection={<IconX size={14} />}
          data-testid="work-reject"
        >
          {work.status === "accepted" ? "Reopen" : "Reject"}
        </Button>
      )}
      {steps.has("accept") && (
        <Button
          {...button("Accept the image and take the next review", "handIn")}
          color="teal"
          leftSection={<IconCheck size={14} />}
          loading={isBusy}
          data-testid="work-accept"
        >
          Accept
        </Button>
      )}
    </Group>
  );
}

const QUESTIONS = {
  skip: {
    title: "Skip this image?",
    label: "Why? Managers read it; others are given the image.",
    reasons: ["Too dark or blurred", "Nothing to label", "I am not sure what to label"],
    action: "Skip",
  },
  reject: {
    title: "Send it back to its author",
    label: "What has to be changed?",
    reasons: ["An object is missing", "A mask is not exact enough", "A wrong label"],
    action: "Send back",
  },
} as const;

interface ReasonProps {
  readonly step: "skip" | "reject" | null;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onReason: (step: "skip" | "reject", reason: string) => void;
}

/** Asks why an image is skipped or sent back. */
export function ReasonDialog({ step, isBusy, onClose, onReason }: ReasonProps) {
  const question = step && QUESTIONS[step];
  return (
    <Modal opened={step !== null} onClose={onClose} title={question?.title} centered>
      {step && <ReasonForm key={step} step={step} isBusy={isBusy} onReason={onReason} />}
    </Modal>
  );
}

function ReasonForm({
  step,
  isBusy,
  onReason,
}: Omit<ReasonProps, "onClose" | "step"> & { step: "skip" | "reject" }) {
  const { label, reasons, action } = QUESTIONS[step];
  const [reason, setReason] = useState("");
  const send = () => reason.trim() !== "" && onReason(step, reason.trim());
  return (
    <Stack>
      <Textarea
        label={label}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={step === "skip" ? 500 : 2000}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
        data-testid="reason"
      />
      <Group gap={6}>
        {reasons.map((usual) => (
          <Button key={usual} size="compact-xs" variant="default" onClick={() => setReason(usual)}>
            {usual}
          </Button>
        ))}
      </Group>
      <Group justify="flex-end">
        <Button disabled={reason.trim() === ""} loading={isBusy} onClick={send} data-testid="reason-send">
          {action}
        </Button>
      </Group>
    </Stack>
  );
}

interface NoticeProps {
  readonly work: Work;
  readonly readOnly: string | null;
}

/** Over the photograph: why it was sent back, or why its masks may only be looked at. */
export function WorkNotice({ work, readOnly }: NoticeProps) {
  const isSentBack =
    work.review_reason !== "" && (work.status === "rejected" || work.status === "in_progress");
  if (!isSentBack && readOnly === null) return null;
  return (
    <div
      className="work-notice"
      role="status"
      data-testid="work-notice"
      data-kind={readOnly ? "readOnly" : "sentBack"}
    >
      {isSentBack && (
        <Text size="sm">
          <b>Sent back{work.reviewer && ` by ${work.reviewer.display_name}`}:</b> {work.review_reason}
        </Text>
      )}
      {readOnly !== null && <Text size="sm">{readOnly}</Text>}
    </div>
  );
}
