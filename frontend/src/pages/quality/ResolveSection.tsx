import { Anchor, Skeleton, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { describeError } from "../../api/errors";
import { fetchLabels } from "../../api/projects";
import { fetchConsensusImage, reopenImage, resolveImage } from "../../api/quality";
import type { ConsensusImageDetail, ProjectDetail, Resolve } from "../../api/types";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ResolveView } from "../../components/quality/ResolveView";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly roundId: number;
  readonly imageId: number;
}

/** One image of a round: what everybody drew, and what becomes of it. */
export function ResolveSection({ project, roundId, imageId }: Props) {
  const [, setSearch] = useSearchParams();
  const queryClient = useQueryClient();
  const queryKey = keys.consensusImage(project.id, imageId);
  const image = useQuery({ queryKey, queryFn: () => fetchConsensusImage(imageId) });
  const labels = useQuery({ queryKey: keys.labels(project.id), queryFn: () => fetchLabels(project.id) });
  const change = useMutation({
    mutationFn: (wanted: Resolve | null) => (wanted ? resolveImage(imageId, wanted) : reopenImage(imageId)),
    onSuccess: async (now: ConsensusImageDetail) => {
      queryClient.setQueryData(queryKey, now);
      await queryClient.invalidateQueries({ queryKey: keys.quality(project.id) });
      for (const key of [
        keys.images(project.id),
        keys.project(project.id),
        keys.work(project.id),
        keys.image(now.image),
      ]) {
        void queryClient.invalidateQueries({ queryKey: key });
      }
    },
    // Somebody may have submitted something else, or resolved it first: it is looked at again.
    onError: (error) => {
      notifications.show({
        color: "orange",
        title: "Nothing was changed",
        message: describeError(error).message,
      });
      void image.refetch();
    },
  });
  const error = image.error ?? labels.error;
  if (error && !(image.data && labels.data)) {
    return (
      <ErrorNotice
        title="The image could not be loaded"
        error={describeError(error)}
        onRetry={() => {
          void image.refetch();
          void labels.refetch();
        }}
      />
    );
  }
  const round = { tab: "consensus", round: String(roundId) };
  return (
    <Stack gap="sm">
      <Anchor
        component="button"
        type="button"
        size="sm"
        c="dimmed"
        w="fit-content"
        onClick={() => setSearch(round)}
      >
        {image.data?.round_name ?? "The round"}
      </Anchor>
      {image.data && labels.data ? (
        <ResolveView
          // What was chosen belongs to this image as it was.
          key={`${image.data.id} ${image.data.state} ${image.data.groups.map(({ key }) => key).join()}`}
          image={image.data}
          labels={labels.data}
          isBusy={change.isPending}
          onResolve={(wanted) => change.mutate(wanted)}
          onReopen={() => change.mutate(null)}
          onMove={(id) => setSearch({ ...round, image: String(id) })}
        />
      ) : (
        <Skeleton height={420} radius="md" />
      )}
    </Stack>
  );
}
