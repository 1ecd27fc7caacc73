import { Button, Group, Modal, SimpleGrid, Skeleton, Title } from "@mantine/core";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconFolders, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { describeError } from "../api/errors";
import { fetchImages, NO_FILTER } from "../api/images";
import { createProject, fetchProjects } from "../api/projects";
import type { Project } from "../api/types";
import { EmptyState } from "../components/common/EmptyState";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { CreateProjectForm } from "../components/project/CreateProjectForm";
import { ProjectCard } from "../components/project/ProjectCard";
import { keys } from "./queries";

const POLL_MS = 4_000;

export default function ProjectListPage() {
  const [isCreating, setCreating] = useState(false);
  const projects = useQuery({
    queryKey: keys.projects,
    queryFn: fetchProjects,
    refetchInterval: (query) => (query.state.data?.some(isBusy) ? POLL_MS : false),
  });
  const covers = useCovers(projects.data ?? []);
  const newButton = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)} data-testid="project-new">
      New project
    </Button>
  );
  return (
    <>
      <Group justify="space-between" mb="lg">
        <Title order={2}>Projects</Title>
        {projects.data && projects.data.length > 0 && newButton}
      </Group>
      {projects.isError && (
        <ErrorNotice
          title="The projects could not be loaded"
          error={describeError(projects.error)}
          onRetry={() => void projects.refetch()}
        />
      )}
      {projects.data?.length === 0 && (
        <EmptyState icon={<IconFolders size={32} />} title="No projects yet" action={newButton}>
          A project holds photographs, labels and the masks your team makes.
        </EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="md">
        {projects.isPending && [0, 1, 2].map((index) => <Skeleton key={index} height={300} radius="md" />)}
        {projects.data?.map((project) => (
          <ProjectCard key={project.id} project={project} coverUrl={covers.get(project.id) ?? null} />
        ))}
      </SimpleGrid>
      <CreateProjectModal isOpen={isCreating} onClose={() => setCreating(false)} />
    </>
  );
}

function CreateProjectModal({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const creation = useMutation({
    mutationFn: createProject,
    onSuccess: (project) => {
      void queryClient.invalidateQueries({ queryKey: keys.projects });
      void navigate(`/projects/${project.id}`);
    },
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title="New project">
      <CreateProjectForm
        isBusy={creation.isPending}
        error={creation.error ? describeError(creation.error) : null}
        onSubmit={(project) => creation.mutate(project)}
        onCancel={onClose}
      />
    </Modal>
  );
}

/** The first image's thumbnail of every project that has one. */
function useCovers(projects: readonly Project[]): ReadonlyMap<number, string> {
  const filled = projects.filter((project) => project.image_count > 0);
  const pages = useQueries({
    queries: filled.map((project) => ({
      queryKey: [...keys.covers, project.id],
      queryFn: () => fetchImages(project.id, NO_FILTER, null, 1),
      staleTime: 60_000,
    })),
  });
  return new Map(
    filled.flatMap((project, index) => {
      const url = pages[index]?.data?.results[0]?.thumbnail_url;
      return url ? [[project.id, url] as const] : [];
    }),
  );
}

function isBusy(project: Project): boolean {
  return project.embedding_counts.queued + project.embedding_counts.running > 0;
}
