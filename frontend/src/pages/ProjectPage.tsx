import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { IconBookmarks, IconCloudUpload, IconEye, IconPlayerPlay, IconUserCheck } from "@tabler/icons-react";
import { useCallback, useState } from "react";
import { Link, useParams } from "react-router";
import { NO_FILTER, type ImageFilter } from "../api/images";
import { mayChange } from "../api/permissions";
import { fetchTags } from "../api/tags";
import type { Project, ProjectDetail } from "../api/types";
import { fetchWorkFigures } from "../api/work";
import { counted } from "../components/common/formats";
import { EmbeddingProgress } from "../components/project/EmbeddingProgress";
import { ImageFilters } from "../components/project/ImageFilters";
import { UploadButton } from "../components/project/UploadButton";
import { UploadStatus } from "../components/project/UploadStatus";
import { WorkProgress } from "../components/project/WorkProgress";
import { AssignModal } from "./AssignModal";
import { ExportAction } from "./ExportAction";
import { ImageGrid } from "./ImageGrid";
import { ImportAction } from "./ImportAction";
import { OrderAction } from "./OrderAction";
import { ProjectGate } from "./ProjectGate";
import { ProjectRooms } from "./ProjectRooms";
import { ProposeAction } from "./ProposeAction";
import { TagImagesModal } from "./TagImagesModal";
import { keys } from "./queries";
import { useMe } from "./session";
import { useOrder } from "./useOrder";
import { useDropTarget } from "./useDropTarget";
import { useTakeNext } from "./useTakeNext";
import { useUpload } from "./useUpload";

const POLL_MS = 2_000;
const WORK_POLL_MS = 15_000;

export default function ProjectPage() {
  const projectId = Number(useParams().projectId);
  return (
    <ProjectGate projectId={projectId} pollMs={(project) => (isEmbedding(project) ? POLL_MS : false)}>
      {(project) => <ProjectView project={project} />}
    </ProjectGate>
  );
}

function ProjectView({ project }: { readonly project: ProjectDetail }) {
  const [filter, setFilter] = useState<ImageFilter>(NO_FILTER);
  // While somebody types, not every letter is asked for.
  const [name] = useDebouncedValue(filter.name, 250);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [isAssignOpen, setAssignOpen] = useState(false);
  const [isTagOpen, setTagOpen] = useState(false);
  const me = useMe();
  const takeNext = useTakeNext(project.id);
  const figures = useQuery({
    queryKey: keys.work(project.id),
    queryFn: () => fetchWorkFigures(project.id),
    refetchInterval: isEmbedding(project) ? POLL_MS : WORK_POLL_MS,
  });
  const tags = useQuery({ queryKey: keys.tags(project.id), queryFn: () => fetchTags(project.id) });
  const order = useOrder(project);
  const mayTag = mayChange(project, "POST projects/{project_id}/images/tags/");
  const mayLabel = mayChange(project, "POST projects/{project_id}/work/next/");
  const mayReview = mayChange(project, "POST projects/{project_id}/work/next-review/");
  const mayAssign = mayChange(project, "POST projects/{project_id}/work/assign/");
  const waiting = figures.data?.counts.submitted ?? 0;
  const mayUpload = mayChange(project, "POST projects/{project_id}/images/");
  const queryClient = useQueryClient();
  const refresh = useCallback(() => {
    void queryClient.invalidateQueries({ queryKey: keys.images(project.id) });
    void queryClient.invalidateQueries({ queryKey: keys.project(project.id) });
    void queryClient.invalidateQueries({ queryKey: keys.work(project.id) });
  }, [queryClient, project.id]);
  const choose = useCallback(
    (imageId: number, isChosen: boolean) =>
      setChosen((now) => {
        const next = new Set(now);
        if (isChosen) next.add(imageId);
        else next.delete(imageId);
        return next;
      }),
    [],
  );
  const upload = useUpload(project.id, refresh);
  const isDropping = useDropTarget(mayUpload ? (files) => upload.start(files) : null);

  return (
    <Stack gap="md">
      <Anchor component={Link} to="/" size="sm" c="dimmed" w="fit-content">
        All projects
      </Anchor>
      <Group justify="space-between" align="flex-end">
        <Stack gap={4} maw={720}>
          <Title order={2} data-testid="project-title">
            {project.name}
          </Title>
          {project.description && <Text c="dimmed">{project.description}</Text>}
          <Text size="sm" c="dimmed">
            {counted(project.image_count, "image")} · {project.annotated_image_count} annotated ·{" "}
            {counted(project.mask_count, "mask")} · model{" "}
            <Anchor component={Link} to={`/projects/${project.id}/models`} size="sm" underline="always">
              {project.model.name}
            </Anchor>
            {project.licence_note && ` · ${project.licence_note}`}
          </Text>
        </Stack>
        <Group gap="xs">
          {mayLabel && project.image_count > 0 && (
            <Button
              leftSection={<IconPlayerPlay size={16} />}
              loading={takeNext.isPending && takeNext.variables === "label"}
              onClick={() => takeNext.mutate("label")}
              data-testid="label-next"
            >
              Label next image
            </Button>
          )}
          {mayReview && waiting > 0 && (
            <Button
              color="grape"
              leftSection={<IconEye size={16} />}
              loading={takeNext.isPending && takeNext.variables === "review"}
              onClick={() => takeNext.mutate("review")}
              data-testid="review-next"
            >
              Review {waiting.toLocaleString("en")}
            </Button>
          )}
          {mayAssign && project.image_count > 0 && (
            <Button
              variant="default"
              leftSection={<IconUserCheck size={16} />}
              onClick={() => setAssignOpen(true)}
              data-testid="assign-open"
            >
              Assign{chosen.size > 0 && ` ${chosen.size}`}
            </Button>
          )}
          {mayTag && chosen.size > 0 && (
            <Button
              variant="default"
              leftSection={<IconBookmarks size={16} />}
              onClick={() => setTagOpen(true)}
              data-testid="tag-images-open"
            >
              Tag {chosen.size}
            </Button>
          )}
          <ProposeAction project={project} chosenIds={[...chosen]} />
          <ImportAction project={project} onChanged={refresh} />
          <ExportAction project={project} />
          {mayUpload && (
            <UploadButton isBusy={upload.state.kind === "sending"} onPick={(files) => upload.start(files)} />
          )}
        </Group>
      </Group>
      <ProjectRooms project={project} />
      <EmbeddingProgress project={project} />
      <UploadStatus
        upload={upload.state}
        onCancel={() => upload.cancel()}
        onDismiss={() => upload.dismiss()}
      />
      {figures.data && (
        <WorkProgress
          figures={figures.data}
          chosen={filter.status}
          onChoose={(status) => setFilter({ ...filter, status })}
        />
      )}
      <OrderAction order={order} onChanged={refresh} />
      {project.image_count > 0 && (
        <ImageFilters
          counts={project.embedding_counts}
          figures={figures.data ?? null}
          me={me}
          tags={tags.data ?? []}
          isRanked={order.isRanked}
          filter={filter}
          onChange={setFilter}
        />
      )}
      <ImageGrid
        project={project}
        tags={tags.data ?? []}
        filter={{ ...filter, name }}
        isPolling={isEmbedding(project)}
        version={JSON.stringify(figures.data?.shares ?? null)}
        onChanged={refresh}
        chosen={mayAssign || mayTag ? chosen : null}
        onChoose={choose}
      />
      <AssignModal
        // Begun anew each time: what is chosen has changed.
        key={String(isAssignOpen)}
        project={project}
        chosenIds={[...chosen]}
        isOpen={isAssignOpen}
        onClose={() => setAssignOpen(false)}
        onAssigned={() => {
          setChosen(new Set());
          refresh();
        }}
      />
      <TagImagesModal
        // Begun anew each time, as above.
        key={`tag ${isTagOpen}`}
        project={project}
        tags={tags.data ?? []}
        chosenIds={[...chosen]}
        isOpen={isTagOpen}
        onClose={() => setTagOpen(false)}
        onTagged={refresh}
      />
      {isDropping && (
        <div className="drop-veil">
          <Stack align="center" gap={6}>
            <IconCloudUpload size={48} />
            <Text fw={600}>Drop images, folders or zip files to add them</Text>
          </Stack>
        </div>
      )}
    </Stack>
  );
}

function isEmbedding(project: Project): boolean {
  return project.embedding_counts.queued + project.embedding_counts.running > 0;
}
