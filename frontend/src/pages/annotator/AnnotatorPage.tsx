import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Center, Container, Loader } from "@mantine/core";
import { useEffect } from "react";
import { useParams } from "react-router";
import { describeError } from "../../api/errors";
import { fetchImage } from "../../api/images";
import { fetchLabels, fetchProject } from "../../api/projects";
import { ClassFreeContext } from "../../components/annotator/ClassFreeContext";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { useMe } from "../session";
import { keys } from "../queries";
import { useServices } from "../services";
import { AnnotatorView } from "./AnnotatorView";
import { openMasks, type OpenedMasks } from "./openMasks";

const POLL_MS = 1_500;

/** Loads everything about one image, then hands over to the view; a new image is a new view. */
export default function AnnotatorPage() {
  const imageId = Number(useParams().imageId);
  const me = useMe();
  const queryClient = useQueryClient();
  const services = useServices();
  const image = useQuery({
    queryKey: keys.image(imageId),
    queryFn: () => fetchImage(imageId),
    // What was fetched ahead a moment ago is shown, and asked for again: the project may have another model since.
    staleTime: 0,
    refetchInterval: (query) => (isPending(query.state.data?.embedding.state) ? POLL_MS : false),
  });
  const projectId = image.data?.project;
  const project = useQuery({
    queryKey: keys.project(projectId ?? 0),
    queryFn: () => fetchProject(projectId!),
    enabled: projectId !== undefined,
    refetchInterval: isPending(image.data?.embedding.state) ? POLL_MS : false,
  });
  const labels = useQuery({
    queryKey: keys.labels(projectId ?? 0),
    queryFn: () => fetchLabels(projectId!),
    enabled: projectId !== undefined,
  });
  // Masks are read once per visit: from then on the store, the save queue and the feed know better than any refetch. Of
  // those that were prefetched the feed tells the rest; they are of no use to the next visit.
  const ahead = queryClient.getQueryData<OpenedMasks>(keys.masksAhead(imageId));
  const masks = useQuery({
    queryKey: keys.masks(imageId),
    queryFn: () => openMasks(services, me.id, imageId),
    gcTime: 0,
    staleTime: Infinity,
    refetchOnMount: ahead ? false : "always",
    initialData: ahead,
  });
  useEffect(
    () => () => queryClient.removeQueries({ queryKey: keys.masksAhead(imageId) }),
    [queryClient, imageId],
  );

  const failed = [image, project, labels, masks].find((query) => query.isError && !query.data);
  if (failed) {
    return (
      <Container size="sm" pt={120}>
        <ErrorNotice
          title="This image cannot be opened"
          error={describeError(failed.error)}
          onRetry={() => void failed.refetch()}
        />
      </Container>
    );
  }
  if (!image.data || !project.data || !labels.data || !masks.data || masks.isFetching) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading the image" />
      </Center>
    );
  }
  return (
    <ClassFreeContext value={project.data.is_class_free}>
      <AnnotatorView
        key={imageId}
        image={image.data}
        project={project.data}
        labels={labels.data}
        opened={masks.data}
        author={me.display_name}
        onImageChanged={() => void queryClient.invalidateQueries({ queryKey: keys.image(imageId) })}
      />
    </ClassFreeContext>
  );
}

function isPending(state: string | undefined): boolean {
  return state === "queued" || state === "running";
}
