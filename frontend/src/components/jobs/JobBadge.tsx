import { Badge, Loader } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconCheck, IconClock, IconClockX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { JobLook } from "./jobTexts";

const LOOKS: Readonly<Record<JobLook, { label: string; color: string; icon: ReactNode }>> = {
  queued: { label: "Waiting", color: "gray", icon: <IconClock size={12} /> },
  running: { label: "Running", color: "sky", icon: <Loader size={10} color="currentColor" /> },
  cancelling: { label: "Cancelling", color: "gray", icon: <Loader size={10} color="currentColor" /> },
  succeeded: { label: "Done", color: "teal", icon: <IconCheck size={12} /> },
  expired: { label: "Expired", color: "gray", icon: <IconClockX size={12} /> },
  failed: { label: "Failed", color: "orange", icon: <IconAlertTriangle size={12} /> },
  cancelled: { label: "Cancelled", color: "gray", icon: <IconBan size={12} /> },
};

/** How a job is, in a word. */
export function JobBadge({ look }: { readonly look: JobLook }) {
  const { label, color, icon } = LOOKS[look];
  return (
    <Badge
      variant="light"
      color={color}
      // Of its own colour it would be too faint on a light page.
      c="var(--mantine-color-text)"
      leftSection={icon}
      style={{ textTransform: "none", flexShrink: 0 }}
      data-testid="job-state"
      data-state={look}
    >
      {label}
    </Badge>
  );
}
