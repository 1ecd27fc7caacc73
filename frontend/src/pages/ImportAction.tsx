import { Button, Loader, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconFileImport } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { describeError } from "../api/errors";
import { fetchFormats } from "../api/formats";
import { fetchPlace, uploadDataset } from "../api/imports";
import { fetchJob, startJob } from "../api/jobs";
import { mayChange } from "../api/permissions";
import { fetchLabels } from "../api/projects";
import type { Job, Project } from "../api/types";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { fileOf } from "../components/jobs/jobTexts";
import { ImportPick } from "../components/project/ImportPick";
import { ImportPreviewForm } from "../components/project/ImportPreviewForm";
import { ImportResult } from "../components/project/ImportResult";
import {
  importParams,
  previewOf,
  sourceOf,
  type ImportPolicy,
  type ImportPreview,
  type LabelChoice,
} from "../components/project/imports";
import { BUSY_POLL_MS, isUnfinished } from "./JobItem";
import { PlaceBrowser } from "./PlaceBrowser";
import { keys } from "./queries";

interface Props {
  readonly project: Project;
  /** Images, labels or masks came. */
  readonly onChanged: () => void;
}

/** The button that brings a data set into a project, and its dialog: which one, what is in it, and what came of it. */
export function ImportAction({ project, onChanged }: Props) {
  const [isOpen, setOpen] = useState(false);
  // Stays while the dialog is closed: opened again, it shows what it showed.
  const [jobId, setJobId] = useState<string | null>(null);
  const close = () => setOpen(false);
  if (!mayChange(project, "POST projects/{project_id}/imports/")) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFileImport size={16} />}
        onClick={() => setOpen(true)}
        data-testid="import-open"
      >
        Import
      </Button>
      <Modal opened={isOpen} onClose={close} title="Import" size="lg">
        {jobId === null ? (
          <Picking project={project} onStarted={setJobId} />
        ) : (
          <Watching
            key={jobId}
            project={project}
            jobId={jobId}
            onStarted={setJobId}
            onAgain={() => setJobId(null)}
            onClose={close}
            onChanged={onChanged}
          />
        )}
      </Modal>
    </>
  );
}

interface PickingProps {
  readonly project: Project;
  readonly onStarted: (jobId: string) => void;
}

function Picking({ project, onStarted }: PickingProps) {
  const formats = useQuery({ queryKey: keys.formats, queryFn: fetchFormats, staleTime: Infinity });
  const [sent, setSent] = useState<number | null>(null);
  const stop = useRef<AbortController | null>(null);
  // Nobody would see what comes of an upload whose dialog is closed.
  useEffect(() => () => stop.current?.abort(), []);
  const start = useMutation({
    mutationFn: async ({ file, format }: { readonly file: File; readonly format: string }) => {
      const controller = new AbortController();
      stop.current = controller;
      setSent(0);
      const { id } = await uploadDataset(project.id, file, setSent, controller.signal);
      return startJob(project.id, {
        id: crypto.randomUUID(),
        kind: "import.check",
        params: { upload: id, format },
      });
    },
    onSuccess: (job) => onStarted(job.id),
    onError: (error) => {
      if (!stop.current?.signal.aborted) tellFailure("The zip could not be sent", error);
    },
    onSettled: () => setSent(null),
  });
  const look = useMutation({
    mutationFn: ({ place, format }: { readonly place: string; readonly format: string }) =>
      startJob(project.id, { id: crypto.randomUUID(), kind: "import.check", params: { place, format } }),
    onSuccess: (job) => onStarted(job.id),
    onError: (error) => tellFailure("The folder could not be looked at", error),
  });
  const places = useQuery({
    queryKey: keys.place(project.id, ""),
    queryFn: () => fetchPlace(project.id, ""),
  });
  if (formats.isError && !formats.data) {
    return (
      <ErrorNotice
        title="What can be imported could not be loaded"
        error={describeError(formats.error)}
        onRetry={() => void formats.refetch()}
      />
    );
  }
  if (!formats.data) return <Loader size="sm" aria-label="Loading the formats" />;
  const { read, written } = formats.data;
  return (
    <ImportPick
      formats={written.filter(({ name }) => read.includes(name))}
      sent={sent}
      onPick={(file, format) => start.mutate({ file, format })}
      onCancel={() => stop.current?.abort()}
      browser={
        places.data && places.data.folders.length > 0
          ? (format) => (
              <PlaceBrowser
                projectId={project.id}
                isBusy={look.isPending}
                onPick={(place) => look.mutate({ place, format })}
              />
            )
          : null
      }
    />
  );
}

interface WatchingProps extends PickingProps {
  readonly jobId: string;
  readonly onAgain: () => void;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

function Watching({ project, jobId, onStarted, onAgain, onClose, onChanged }: WatchingProps) {
  const job = useQuery({
    queryKey: keys.job(jobId),
    queryFn: () => fetchJob(jobId),
    refetchInterval: ({ state }) => (!state.data || isUnfinished(state.data) ? BUSY_POLL_MS : false),
  });
  const isImported = job.data?.kind === "import" && !isUnfinished(job.data);
  const queryClient = useQueryClient();
  useEffect(() => {
    if (!isImported) return;
    onChanged();
    void queryClient.invalidateQueries({ queryKey: keys.labels(project.id) });
  }, [isImported, onChanged, queryClient, project.id]);
  if (!job.data) {
    if (!job.isError) return <Loader size="sm" aria-label="Loading the import" />;
    return (
      <ErrorNotice
        title="The import could not be looked at"
        error={describeError(job.error)}
        onRetry={() => void job.refetch()}
      />
    );
  }
  const preview = job.data.state === "succeeded" ? previewOf(job.data) : null;
  if (preview) {
    return (
      <Choosing project={project} job={job.data} preview={preview} onStarted={onStarted} onBack={onAgain} />
    );
  }
  return <ImportResult job={job.data} onAgain={onAgain} onClose={onClose} />;
}

interface ChoosingProps extends PickingProps {
  readonly job: Job;
  readonly preview: ImportPreview;
  readonly onBack: () => void;
}

function Choosing({ project, job, preview, onStarted, onBack }: ChoosingProps) {
  const formats = useQuery({ queryKey: keys.formats, queryFn: fetchFormats, staleTime: Infinity });
  const labels = useQuery({ queryKey: keys.labels(project.id), queryFn: () => fetchLabels(project.id) });
  const queryClient = useQueryClient();
  const start = useMutation({
    mutationFn: ({
      chosen,
      policy,
    }: {
      chosen: Readonly<Record<string, LabelChoice>>;
      policy: ImportPolicy;
    }) =>
      startJob(project.id, {
        id: crypto.randomUUID(),
        kind: "import",
        params: importParams(sourceOf(job, preview), preview, chosen, policy),
      }),
    onSuccess: async ({ id }) => {
      onStarted(id);
      await queryClient.invalidateQueries({ queryKey: keys.jobs });
      await queryClient.invalidateQueries({ queryKey: keys.queue });
    },
    onError: (error) => tellFailure("The import could not be started", error),
  });
  const failed = [formats, labels].find((query) => query.isError && !query.data);
  if (failed) {
    return (
      <ErrorNotice
        title="The labels could not be loaded"
        error={describeError(failed.error)}
        onRetry={() => void failed.refetch()}
      />
    );
  }
  if (!formats.data || !labels.data) return <Loader size="sm" aria-label="Loading the labels" />;
  return (
    <ImportPreviewForm
      preview={preview}
      problemsFile={fileOf(job)}
      formats={formats.data.written}
      labels={labels.data}
      isStarting={start.isPending}
      onBack={onBack}
      onImport={(chosen, policy) => start.mutate({ chosen, policy })}
    />
  );
}

function tellFailure(title: string, error: unknown): void {
  notifications.show({ color: "orange", title, message: describeError(error).message });
}
