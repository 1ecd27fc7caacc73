import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { describeError } from "../../api/errors";
import { fetchMembers } from "../../api/members";
import { createRound, fetchQualitySettings, fetchRounds } from "../../api/quality";
import type { ConsensusRoundWrite, ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { RoundForm } from "../../components/quality/RoundForm";
import { RoundTable } from "../../components/quality/RoundTable";
import { keys } from "../queries";
import { ResolveSection } from "./ResolveSection";
import { RoundSection } from "./RoundSection";

/** Rounds, one round, or one of its images, as the address says. */
export function ConsensusTab({ project }: { readonly project: ProjectDetail }) {
  const [search] = useSearchParams();
  const [round, image] = [Number(search.get("round")), Number(search.get("image"))];
  if (round > 0 && image > 0) {
    return <ResolveSection project={project} roundId={round} imageId={image} />;
  }
  if (round > 0) return <RoundSection project={project} roundId={round} />;
  return <Rounds project={project} />;
}

function Rounds({ project }: { readonly project: ProjectDetail }) {
  const [, setSearch] = useSearchParams();
  const [isFormOpen, setFormOpen] = useState(false);
  const rounds = useInfiniteQuery({
    queryKey: keys.rounds(project.id),
    queryFn: ({ pageParam }) => fetchRounds(project.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  });
  const open = (round: number) => setSearch({ tab: "consensus", round: String(round) });
  if (rounds.isError && !rounds.data) {
    return (
      <ErrorNotice
        title="The rounds could not be loaded"
        error={describeError(rounds.error)}
        onRetry={() => void rounds.refetch()}
      />
    );
  }
  if (!rounds.data) return <Skeleton height={160} radius="md" />;
  const rows = rounds.data.pages.flatMap((page) => page.rows);
  const begin = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setFormOpen(true)} data-testid="round-new">
      New round
    </Button>
  );
  return (
    <Stack>
      {rows.length === 0 ? (
        <EmptyState icon={<IconUsersGroup size={32} />} title="No consensus round yet" action={begin}>
          Several people label the same images without seeing each other’s masks. Where they agree the masks
          are good; where they do not, the guidelines may need a sentence more.
        </EmptyState>
      ) : (
        <>
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              The same images, labelled by several people who do not see each other’s masks.
            </Text>
            {begin}
          </Group>
          <RoundTable rounds={rows} onOpen={({ id }) => open(id)} />
          <ShowMore query={rounds} />
        </>
      )}
      <Modal opened={isFormOpen} onClose={() => setFormOpen(false)} title="New consensus round" size="lg">
        <NewRound project={project} onMade={open} />
      </Modal>
    </Stack>
  );
}

interface NewRoundProps {
  readonly project: ProjectDetail;
  readonly onMade: (roundId: number) => void;
}

function NewRound({ project, onMade }: NewRoundProps) {
  const queryClient = useQueryClient();
  const members = useQuery({ queryKey: keys.members(project.id), queryFn: () => fetchMembers(project.id) });
  const figures = useQuery({
    queryKey: keys.qualitySettings(project.id),
    queryFn: () => fetchQualitySettings(project.id),
  });
  const make = useMutation({
    mutationFn: (wanted: ConsensusRoundWrite) => createRound(project.id, wanted),
    onSuccess: async (round) => {
      await queryClient.invalidateQueries({ queryKey: keys.quality(project.id) });
      void queryClient.invalidateQueries({ queryKey: keys.images(project.id) });
      onMade(round.id);
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "No round was begun",
        message: describeError(error).message,
      }),
  });
  const failed = members.error ?? figures.error;
  if (failed) {
    return <ErrorNotice title="What a round needs could not be loaded" error={describeError(failed)} />;
  }
  if (!members.data || !figures.data) return <Skeleton height={240} radius="md" />;
  return (
    <RoundForm
      members={members.data}
      freeImages={figures.data.free_image_count}
      isMaking={make.isPending}
      onMake={(wanted) => make.mutate(wanted)}
    />
  );
}
