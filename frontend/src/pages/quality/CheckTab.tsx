import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconPlus, IconRosetteDiscountCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { createCheck, fetchChecks } from "../../api/checks";
import { describeError } from "../../api/errors";
import { fetchMembers } from "../../api/members";
import { fetchQualitySettings } from "../../api/quality";
import type { ProjectDetail, QualityCheckWrite } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { CheckForm } from "../../components/quality/CheckForm";
import { CheckTable } from "../../components/quality/CheckTable";
import { keys } from "../queries";
import { CheckSection } from "./CheckSection";

/** Release checks, or one of them, as the address says. */
export function CheckTab({ project }: { readonly project: ProjectDetail }) {
  const [search] = useSearchParams();
  const check = Number(search.get("check"));
  if (check > 0) return <CheckSection project={project} checkId={check} />;
  return <Checks project={project} />;
}

function Checks({ project }: { readonly project: ProjectDetail }) {
  const [, setSearch] = useSearchParams();
  const [isFormOpen, setFormOpen] = useState(false);
  const checks = useInfiniteQuery({
    queryKey: keys.checks(project.id),
    queryFn: ({ pageParam }) => fetchChecks(project.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  });
  const open = (check: number) => setSearch({ tab: "check", check: String(check) });
  if (checks.isError && !checks.data) {
    return (
      <ErrorNotice
        title="The checks could not be loaded"
        error={describeError(checks.error)}
        onRetry={() => void checks.refetch()}
      />
    );
  }
  if (!checks.data) return <Skeleton height={160} radius="md" />;
  const rows = checks.data.pages.flatMap((page) => page.rows);
  const begin = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setFormOpen(true)} data-testid="check-new">
      New check
    </Button>
  );
  return (
    <Stack>
      {rows.length === 0 ? (
        <EmptyState icon={<IconRosetteDiscountCheck size={32} />} title="No release check yet" action={begin}>
          Somebody corrects masks of accepted images, drawn by chance, as well as they can. How little that
          changes them says how good all of them are. A release’s card can cite it.
        </EmptyState>
      ) : (
        <>
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              Accepted masks before and after somebody corrected them.
            </Text>
            {begin}
          </Group>
          <CheckTable checks={rows} onOpen={({ id }) => open(id)} />
          <ShowMore query={checks} />
        </>
      )}
      <Modal opened={isFormOpen} onClose={() => setFormOpen(false)} title="New release check" size="lg">
        <NewCheck project={project} onMade={open} />
      </Modal>
    </Stack>
  );
}

interface NewCheckProps {
  readonly project: ProjectDetail;
  readonly onMade: (checkId: number) => void;
}

function NewCheck({ project, onMade }: NewCheckProps) {
  const queryClient = useQueryClient();
  const members = useQuery({ queryKey: keys.members(project.id), queryFn: () => fetchMembers(project.id) });
  const figures = useQuery({
    queryKey: keys.qualitySettings(project.id),
    queryFn: () => fetchQualitySettings(project.id),
  });
  const make = useMutation({
    mutationFn: (wanted: QualityCheckWrite) => createCheck(project.id, wanted),
    onSuccess: async (check) => {
      await queryClient.invalidateQueries({ queryKey: keys.quality(project.id) });
      onMade(check.id);
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "No check was begun",
        message: describeError(error).message,
      }),
  });
  const failed = members.error ?? figures.error;
  if (failed) {
    return <ErrorNotice title="What a check needs could not be loaded" error={describeError(failed)} />;
  }
  if (!members.data || !figures.data) return <Skeleton height={240} radius="md" />;
  return (
    <CheckForm
      members={members.data}
      checkableMasks={figures.data.checkable_mask_count}
      isMaking={make.isPending}
      onMake={(wanted) => make.mutate(wanted)}
    />
  );
}
