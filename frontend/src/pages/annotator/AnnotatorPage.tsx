import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Center, Container, Loader } from "@mantine/core";
import { useEffect } from "react";
import { useParams } from "react-router";
import { describeError } from "../../api/errors";
import { fetchImage } from "../../api/images";
import { fetchMasks } from "../../api/masks";
import { fetchLabels, fetchProject } from "../../api/projects";
import type { Mask } from "../../api/types";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { useMe } from "../session";
import { keys } from "../queries";
import { AnnotatorView } from "./AnnotatorView";

const POLL_MS = 1_500;

/** Loads everything about one image, then hands over to the view; a new image is a new view. */
export default function AnnotatorPage() {
  const imageId = Number(useParams().imageId);
  const me = useMe();
  const queryClient = useQueryClient();
  const image = useQuery({
    queryKey: keys.image(imageId),
    queryFn: () => fetchImage(imageId),
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
  // Masks are read once per visit: from then on the store and the save queue know better than any refetch. Those that
  // were prefetched are shown while that goes on; they are of no use to the next visit.
  const masks = useQuery({
    queryKey: keys.masks(imageId),
    queryFn: () => fetchMasks(imageId),
    gcTime: 0,
    staleTime: Infinity,
    refetchOnMount: "always",
    placeholderData: () => queryClient.getQueryData<Mask[]>(keys.masksAhead(imageId)),
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
  const areMasksOld = masks.isFetching && !masks.isPlaceholderData;
  if (!image.data || !project.data || !labels.data || !masks.data || areMasksOld) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading the image" />
      </Center>
    );
  }
  return (
    <AnnotatorView
      key={imageId}
      image={image.data}
      project={project.data}
      labels={labels.data}
      masks={masks.data}
      author={me.display_name}
      onEmbeddingRetried={() => void queryClient.invalidateQueries({ queryKey: keys.image(imageId) })}
    />
  );
}

function isPending(state: string | undefined): boolean {
  return state === "queued" || state === "running";
}
