import { Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { describeError } from "../../api/errors";
import { closeRound, fetchRound, fetchRoundImages } from "../../api/quality";
import type { ConsensusRound, ProjectDetail } from "../../api/types";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { RoundImages } from "../../components/quality/RoundImages";
import { RoundProgress } from "../../components/quality/RoundTable";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly roundId: number;
}

/** One round: how far it is, its images, and closing it. */
export function RoundSection({ project, roundId }: Props) {
  const [, setSearch] = useSearchParams();
  const round = useQuery({
    queryKey: keys.round(project.id, roundId),
    queryFn: () => fetchRound(roundId),
  });
  const images = useInfiniteQuery({
    queryKey: keys.roundImages(project.id, roundId),
    queryFn: ({ pageParam }) => fetchRoundImages(roundId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  });
  const error = round.error ?? images.error;
  if (error && !(round.data && images.data)) {
    return (
      <ErrorNotice
        title="The round could not be loaded"
        error={describeError(error)}
        onRetry={() => {
          void round.refetch();
          void images.refetch();
        }}
      />
    );
  }
  if (!round.data || !images.data) return <Skeleton height={240} radius="md" />;
  const rows = images.data.pages.flatMap((page) => page.rows);
  const open = (image: number) =>
    setSearch({ tab: "consensus", round: String(roundId), image: String(image) });
  const first = rows.find(({ state }) => state === "ready");
  return (
    <Stack>
      <Anchor
        component="button"
        type="button"
        size="sm"
        c="dimmed"
        w="fit-content"
        onClick={() => setSearch({ tab: "consensus" })}
      >
        All rounds
      </Anchor>
      <Group justify="space-between" align="flex-end">
        <Stack gap={4} style={{ flex: "1 1 320px" }} maw={520}>
          <Title order={3}>{round.data.name}</Title>
          <Text size="sm" c="dimmed">
            {round.data.annotators.map(({ display_name }) => display_name).join(", ")} ·{" "}
            {round.data.annotators_per_image} for each image
          </Text>
          <RoundProgress round={round.data} />
        </Stack>
        <Group gap="xs">
          {round.data.open_count > 0 && <CloseButton project={project} round={round.data} />}
          {first && (
            <Button onClick={() => open(first.id)} data-testid="resolve-first">
              Resolve {round.data.ready_count.toLocaleString("en")}
            </Button>
          )}
        </Group>
      </Group>
      <RoundImages images={rows} onOpen={({ id }) => open(id)} />
      <ShowMore query={images} />
    </Stack>
  );
}

function CloseButton({
  project,
  round,
}: {
  readonly project: ProjectDetail;
  readonly round: ConsensusRound;
}) {
  const queryClient = useQueryClient();
  const close = useMutation({
    mutationFn: () => closeRound(round.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.quality(project.id) }),
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "Nothing was changed",
        message: describeError(error).message,
      }),
  });
  const ask = () =>
    modals.openConfirmModal({
      title: `Close ${round.name}?`,
      children: (
        <Text size="sm">
          Nobody is waited for any more who has not begun, and what they left there goes. Images that somebody
          submitted can be resolved; those that nobody did are ordinary images again.
        </Text>
      ),
      labels: { confirm: "Close the round", cancel: "Go on waiting" },
      onConfirm: () => close.mutate(),
    });
  return (
    <Button variant="default" loading={close.isPending} onClick={ask} data-testid="round-close">
      Close early
    </Button>
  );
}
