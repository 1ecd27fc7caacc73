import { Button, Loader, Modal, Tabs } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconDownload } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { describeError } from "../api/errors";
import { fetchFormats } from "../api/formats";
import { fetchJob, startJob } from "../api/jobs";
import { fetchMembers } from "../api/members";
import { fetchLabels } from "../api/projects";
import { fetchTags } from "../api/tags";
import type { Format, Job, Label, Membership, Project, Tag } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import {
  exportParams,
  rememberChoices,
  rememberedChoices,
  type ExportChoices,
} from "../components/project/exportChoices";
import { ExportForm } from "../components/project/ExportForm";
import { ExportResult } from "../components/project/ExportResult";
import { ReleaseResult } from "../components/project/ReleaseResult";
import { BUSY_POLL_MS, isUnfinished } from "./JobItem";
import { keys } from "./queries";
import { ReleasePanel } from "./ReleasePanel";

/** The button that exports a project or releases it, and its dialog: how, how far it is, and what came of it. */
export function ExportAction({ project }: { readonly project: Project }) {
  const [isOpen, setOpen] = useState(false);
  // Stays while the dialog is closed: opened again, it shows what it showed.
  const [jobId, setJobId] = useState<string | null>(null);
  const [releaseId, setReleaseId] = useState<string | null>(null);
  const close = () => setOpen(false);
  if (!project.allowed.includes("POST projects/{project_id}/jobs/ export")) return null;
  const exporting =
    jobId === null ? (
      <Choosing project={project} onStarted={setJobId} onClose={close} />
    ) : (
      <Watching jobId={jobId}>
        {(job) => <ExportResult job={job} onAgain={() => setJobId(null)} onClose={close} />}
      </Watching>
    );
  const releasing =
    releaseId === null ? (
      <ReleasePanel project={project} onStarted={setReleaseId} />
    ) : (
      <Watching jobId={releaseId}>
        {(job) => <ReleaseResult job={job} onAgain={() => setReleaseId(null)} onClose={close} />}
      </Watching>
    );
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} />}
        onClick={() => setOpen(true)}
        data-testid="export-open"
      >
        Export
      </Button>
      <Modal opened={isOpen} onClose={close} title="Export" size="lg">
        {project.allowed.includes("POST projects/{project_id}/jobs/ release") ? (
          <Tabs defaultValue="export" keepMounted={false}>
            <Tabs.List mb="md">
              <Tabs.Tab value="export">Export</Tabs.Tab>
              <Tabs.Tab value="release" data-testid="release-tab">
                Release
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="export">{exporting}</Tabs.Panel>
            <Tabs.Panel value="release">{releasing}</Tabs.Panel>
          </Tabs>
        ) : (
          exporting
        )}
      </Modal>
    </>
  );
}

interface ChoosingProps {
  readonly project: Project;
  readonly onStarted: (jobId: string) => void;
  readonly onClose: () => void;
}

function Choosing({ project, onStarted, onClose }: ChoosingProps) {
  const formats = useQuery({ queryKey: keys.formats, queryFn: fetchFormats, staleTime: Infinity });
  const labels = useQuery({ queryKey: keys.labels(project.id), queryFn: () => fetchLabels(project.id) });
  const tags = useQuery({ queryKey: keys.tags(project.id), queryFn: () => fetchTags(project.id) });
  const members = useQuery({ queryKey: keys.members(project.id), queryFn: () => fetchMembers(project.id) });
  const failed = [formats, labels, tags, members].find((query) => query.isError && !query.data);
  if (failed) {
    return (
      <ErrorNotice
        title="What can be exported could not be loaded"
        error={describeError(failed.error)}
        onRetry={() => void failed.refetch()}
      />
    );
  }
  if (!formats.data || !labels.data || !tags.data || !members.data) {
    return <Loader size="sm" aria-label="Loading the formats" />;
  }
  return (
    <Chosen
      project={project}
      formats={formats.data.written}
      labels={labels.data}
      tags={tags.data}
      members={members.data}
      onStarted={onStarted}
      onClose={onClose}
    />
  );
}

interface ChosenProps extends ChoosingProps {
  readonly formats: readonly Format[];
  readonly labels: readonly Label[];
  readonly tags: readonly Tag[];
  readonly members: readonly Membership[];
}

function Chosen({ project, formats, labels, tags, members, onStarted, onClose }: ChosenProps) {
  const [choices, setChoices] = useState(() => rememberedChoices(formats.map(({ name }) => name)));
  const queryClient = useQueryClient();
  const start = useMutation({
    mutationFn: (wanted: ExportChoices) =>
      startJob(project.id, {
        id: crypto.randomUUID(),
        kind: "export",
        params: exportParams(wanted, project.unlabelled_mask_count > 0),
      }),
    onSuccess: async (job) => {
      onStarted(job.id);
      await queryClient.invalidateQueries({ queryKey: keys.jobs });
      await queryClient.invalidateQueries({ queryKey: keys.queue });
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "The export could not be started",
        message: describeError(error).message,
      }),
  });
  return (
    <ExportForm
      project={project}
      formats={formats}
      labels={labels}
      tags={tags}
      members={members}
      choices={choices}
      isStarting={start.isPending}
      onChange={setChoices}
      onStart={() => {
        rememberChoices(choices);
        start.mutate(choices);
      }}
      onTaken={() => {
        rememberChoices(choices);
        onClose();
      }}
    />
  );
}

interface WatchingProps {
  readonly jobId: string;
  readonly children: (job: Job) => ReactNode;
}

function Watching({ jobId, children }: WatchingProps) {
  const job = useQuery({
    queryKey: keys.job(jobId),
    queryFn: () => fetchJob(jobId),
    refetchInterval: ({ state }) => (!state.data || isUnfinished(state.data) ? BUSY_POLL_MS : false),
  });
  if (job.data) return children(job.data);
  if (!job.isError) return <Loader size="sm" aria-label="Loading the job" />;
  return (
    <ErrorNotice
      title="The job could not be looked at"
      error={describeError(job.error)}
      onRetry={() => void job.refetch()}
    />
  );
}
