import { Button, Card, Image, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../../api/errors";
import { fetchImages, NO_FILTER, type ImageFilter } from "../../api/images";
import { cursorOf } from "../../api/projects";
import { markGroundTruth } from "../../api/quality";
import { counted } from "../../components/common/formats";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { keys } from "../queries";

const ACCEPTED: ImageFilter = { ...NO_FILTER, status: "accepted" };

/** The accepted images of a project, of which some are to be ground truths. */
export function TruthChooser({ projectId }: { readonly projectId: number }) {
  const queryClient = useQueryClient();
  const images = useInfiniteQuery({
    queryKey: [...keys.images(projectId), ACCEPTED],
    queryFn: ({ pageParam }) => fetchImages(projectId, ACCEPTED, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => cursorOf(page.next),
  });
  const mark = useMutation({
    mutationFn: (imageId: number) => markGroundTruth(imageId),
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "Nothing was changed",
        message: describeError(error).message,
      }),
    onSettled: async () => {
      await images.refetch();
      await queryClient.invalidateQueries({ queryKey: keys.quality(projectId) });
    },
  });
  if (images.isError && !images.data) {
    return (
      <ErrorNotice
        title="The images could not be loaded"
        error={describeError(images.error)}
        onRetry={() => void images.refetch()}
      />
    );
  }
  if (!images.data) return <Skeleton height={200} radius="md" />;
  const free = images.data.pages
    .flatMap(({ results }) => results)
    .filter(({ work, mask_count }) => !work.hold && mask_count > 0);
  return (
    <Stack>
      {free.length === 0 && !images.hasNextPage && (
        <Text size="sm" c="dimmed">
          No accepted image with masks is left. A ground truth is an image that a reviewer has accepted.
        </Text>
      )}
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="sm">
        {free.map((image) => (
          <Card key={image.id} withBorder padding="xs" radius="md" data-testid="truth-candidate">
            <Card.Section>
              <Image src={image.thumbnail_url} alt="" h={120} loading="lazy" />
            </Card.Section>
            <Text size="sm" truncate mt={6}>
              {image.file_name}
            </Text>
            <Text size="xs" c="dimmed" mb={6}>
              {counted(image.mask_count, "mask")}
            </Text>
            <Button
              size="xs"
              variant="light"
              loading={mark.isPending && mark.variables === image.id}
              onClick={() => mark.mutate(image.id)}
              aria-label={`Make ${image.file_name} a ground truth`}
            >
              Make it a ground truth
            </Button>
          </Card>
        ))}
      </SimpleGrid>
      <ShowMore query={images} />
    </Stack>
  );
}
