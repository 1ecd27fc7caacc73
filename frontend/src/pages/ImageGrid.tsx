import { Center, Loader, SimpleGrid, Skeleton, Text } from "@mantine/core";
import { useIntersection } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { IconFilterOff, IconPhotoPlus } from "@tabler/icons-react";
import { useEffect } from "react";
import { describeError } from "../api/errors";
import { deleteImage, fetchImages, retryEmbedding, type ImageFilter } from "../api/images";
import { mayChange } from "../api/permissions";
import { originalUrl } from "../api/privacy";
import { cursorOf } from "../api/projects";
import type { Image, Project, Tag } from "../api/types";
import { EmptyState } from "../components/common/EmptyState";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { counted } from "../components/common/formats";
import { ImageCard } from "../components/project/ImageCard";
import { keys } from "./queries";

const POLL_MS = 2_000;

interface Props {
  readonly project: Project;
  readonly tags: readonly Tag[];
  readonly filter: ImageFilter;
  readonly isPolling: boolean;
  /** Changes when the status of images has: what is shown is read again. */
  readonly version: string;
  readonly onChanged: () => void;
  /** Images chosen for something to be done with them; null where one's role has nothing to do. */
  readonly chosen: ReadonlySet<number> | null;
  readonly onChoose: (imageId: number, isChosen: boolean) => void;
}

/** A project's images, page after page as one scrolls. */
export function ImageGrid({ project, tags, filter, isPolling, version, onChanged, chosen, onChoose }: Props) {
  const images = useInfiniteQuery({
    queryKey: [...keys.images(project.id), filter],
    queryFn: ({ pageParam }) => fetchImages(project.id, filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => cursorOf(page.next),
    refetchInterval: isPolling ? POLL_MS : false,
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = images;
  const { ref, entry } = useIntersection({ rootMargin: "600px" });
  const isEndNear = entry?.isIntersecting ?? false;
  useEffect(() => {
    if (isEndNear && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [isEndNear, hasNextPage, isFetchingNextPage, fetchNextPage]);
  // The last poll may come before the last image is done; the counts say when to look once more.
  const { ready, failed } = project.embedding_counts;
  const { refetch } = images;
  useEffect(() => {
    if (!isPolling) void refetch();
  }, [isPolling, ready, failed, version, refetch]);

  const actions = useImageActions(onChanged);
  const isManaged = mayChange(project, "DELETE images/{image_id}/");
  const onDelete = isManaged ? actions.confirmDelete : null;
  const onRetry = mayChange(project, "POST images/{image_id}/embedding/retry/") ? actions.retry : null;
  if (images.isError && !images.data) {
    return (
      <ErrorNotice
        title="The images could not be loaded"
        error={describeError(images.error)}
        onRetry={() => void images.refetch()}
      />
    );
  }
  const all = images.data?.pages.flatMap((page) => page.results) ?? [];
  if (images.data && all.length === 0) {
    const mayUpload = mayChange(project, "POST projects/{project_id}/images/");
    return <NoImages isFiltered={project.image_count > 0} mayUpload={mayUpload} />;
  }
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, md: 4, lg: 5 }} spacing="sm" data-testid="image-grid">
        {images.isPending &&
          Array.from({ length: 10 }, (_, index) => <Skeleton key={index} height={210} radius="md" />)}
        {all.map((image) => (
          <ImageCard
            key={image.id}
            image={image}
            tags={tags}
            onDelete={onDelete}
            onRetry={onRetry}
            originalUrl={isManaged && image.has_source ? originalUrl(image.id) : null}
            isChosen={chosen?.has(image.id) ?? false}
            onChoose={chosen && ((image, isChosen) => onChoose(image.id, isChosen))}
          />
        ))}
      </SimpleGrid>
      <Center ref={ref} h={48}>
        {isFetchingNextPage && <Loader size="sm" aria-label="Loading more images" />}
      </Center>
    </>
  );
}

function NoImages({ isFiltered, mayUpload }: { readonly isFiltered: boolean; readonly mayUpload: boolean }) {
  return isFiltered ? (
    <EmptyState icon={<IconFilterOff size={32} />} title="No image fits these filters" />
  ) : (
    <EmptyState icon={<IconPhotoPlus size={32} />} title="No images yet">
      {mayUpload
        ? "Drop photographs, folders or zip files anywhere on this page, or use Upload. JPEG, PNG, WebP, TIFF and BMP are taken."
        : "Owners and managers of the project add them."}
    </EmptyState>
  );
}

function useImageActions(onChanged: () => void) {
  const showFailure = (error: unknown) =>
    notifications.show({
      color: "orange",
      title: "That did not work",
      message: describeError(error).message,
    });
  const removal = useMutation({
    mutationFn: (image: Image) => deleteImage(image.id),
    onSuccess: onChanged,
    onError: showFailure,
  });
  const retrial = useMutation({
    mutationFn: (image: Image) => retryEmbedding(image.id),
    onSuccess: onChanged,
    onError: showFailure,
  });
  return {
    retry: (image: Image) => retrial.mutate(image),
    confirmDelete: (image: Image) =>
      modals.openConfirmModal({
        title: `Delete ${image.file_name}?`,
        children: (
          <Text size="sm">
            The photograph {image.mask_count > 0 && `and its ${counted(image.mask_count, "mask")} `}will be
            gone for everybody in the project. This cannot be undone.
          </Text>
        ),
        labels: { confirm: "Delete image", cancel: "Keep it" },
        confirmProps: { color: "red" },
        onConfirm: () => removal.mutate(image),
      }),
  };
}
