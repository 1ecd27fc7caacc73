import { Group, Progress, Stack, Text } from "@mantine/core";
import type { Job } from "../../api/types";
import { JobBadge } from "./JobBadge";
import { lookOf, progressPercent, progressText } from "./jobTexts";

/** How far one job is, in a dialog. */
export function JobProgress({ job }: { readonly job: Job }) {
  const look = lookOf(job);
  const isActive = look === "queued" || look === "running" || look === "cancelling";
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <Text fw={600}>{job.title}</Text>
        <JobBadge look={look} />
      </Group>
      {isActive && (
        <Progress
          value={progressPercent(job.progress)}
          animated={look === "running"}
          aria-label={`Progress of ${job.title}`}
        />
      )}
      {isActive && (
        <Text size="sm" className="faint">
          {progressText(job.progress, job.eta_seconds) || "It begins as soon as a worker is free."}
        </Text>
      )}
      {job.error_message && (
        <Text size="sm" c="var(--app-error)" role="alert" style={{ overflowWrap: "anywhere" }}>
          {job.error_message}
        </Text>
      )}
    </Stack>
  );
}
