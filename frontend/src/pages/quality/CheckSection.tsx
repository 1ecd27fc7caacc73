import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { applyCheck, closeCheck, fetchCheck, fetchCheckImages } from "../../api/checks";
import { describeError } from "../../api/errors";
import type { ProjectDetail, QualityCheck } from "../../api/types";
import { counted } from "../../components/common/formats";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { CheckFiguresPanel } from "../../components/quality/CheckFiguresPanel";
import { CheckedImages } from "../../components/quality/CheckedImages";
import { CheckProgress } from "../../components/quality/CheckTable";
import { appliedText } from "../../components/quality/checkTexts";
import { keys } from "../queries";

interface Props {
  readonly project: ProjectDetail;
  readonly checkId: number;
}

/** One check: what it found, its images, closing it and taking its corrections over. */
export function CheckSection({ project, checkId }: Props) {
  const [, setSearch] = useSearchParams();
  const check = useQuery({
    queryKey: keys.check(project.id, checkId),
    queryFn: () => fetchCheck(checkId),
  });
  const images = useInfiniteQuery({
    queryKey: keys.checkImages(project.id, checkId),
    queryFn: ({ pageParam }) => fetchCheckImages(checkId, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
  });
  const error = check.error ?? images.error;
  if (error && !(check.data && images.data)) {
    return (
      <ErrorNotice
        title="The check could not be loaded"
        error={describeError(error)}
        onRetry={() => {
          void check.refetch();
          void images.refetch();
        }}
      />
    );
  }
  if (!check.data || !images.data) return <Skeleton height={240} radius="md" />;
  const { name, checkers, figures, mask_count: masks, closed_at: closed, applied_at: applied } = check.data;
  return (
    <Stack>
      <Anchor
        component="button"
        type="button"
        size="sm"
        c="dimmed"
        w="fit-content"
        onClick={() => setSearch({ tab: "check" })}
      >
        All checks
      </Anchor>
      <Group justify="space-between" align="flex-end">
        <Stack gap={4} style={{ flex: "1 1 320px" }} maw={520}>
          <Title order={3}>{name}</Title>
          <Text size="sm" c="dimmed">
            {checkers.map(({ display_name }) => display_name).join(", ")} · {counted(masks, "mask")}
            {closed !== null &&
              ` · closed ${new Date(closed).toLocaleDateString("en", { dateStyle: "medium" })}`}
          </Text>
          <CheckProgress check={check.data} />
        </Stack>
        <CheckActions project={project} check={check.data} />
      </Group>
      {applied !== null && (
        <Alert
          variant="light"
          color={check.data.refused_count > 0 ? "orange" : "teal"}
          data-testid="check-applied"
        >
          {appliedText(check.data)}
        </Alert>
      )}
      {figures ? (
        <CheckFiguresPanel figures={figures} />
      ) : (
        <Text size="sm" c="dimmed">
          Figures are here once the first image is submitted.
        </Text>
      )}
      <CheckedImages images={images.data.pages.flatMap((page) => page.rows)} />
      <ShowMore query={images} />
    </Stack>
  );
}

function CheckActions({ project, check }: { readonly project: ProjectDetail; readonly check: QualityCheck }) {
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: (what: "close" | "apply") => (what === "close" ? closeCheck(check.id) : applyCheck(check.id)),
    onSuccess: async (now) => {
      queryClient.setQueryData(keys.check(project.id, check.id), now);
      await queryClient.invalidateQueries({ queryKey: keys.quality(project.id) });
      void queryClient.invalidateQueries({ queryKey: keys.images(project.id) });
      void queryClient.invalidateQueries({ queryKey: keys.project(project.id) });
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "Nothing was changed",
        message: describeError(error).message,
      }),
  });
  const { open_count: open, name } = check;
  const askToClose = () =>
    modals.openConfirmModal({
      title: `Close ${name}?`,
      children: (
        <Text size="sm">
          Its figures stay as they are, and a release may cite them.
          {open > 0 &&
            ` ${counted(open, "image is", "images are")} not submitted: what was corrected there is lost.`}
        </Text>
      ),
      labels: { confirm: "Close the check", cancel: "Go on" },
      onConfirm: () => change.mutate("close"),
    });
  const askToApply = () =>
    modals.openConfirmModal({
      title: "Take over the corrections?",
      children: (
        <Text size="sm">
          The masks of the images become what the checkers made of them. Masks that somebody changed since are
          left as they are. Each mask’s history keeps what it was.
        </Text>
      ),
      labels: { confirm: "Take over", cancel: "Leave the masks" },
      onConfirm: () => change.mutate("apply"),
    });
  if (check.closed_at === null) {
    return (
      <Button
        variant={open > 0 ? "default" : "filled"}
        loading={change.isPending}
        onClick={askToClose}
        data-testid="check-close"
      >
        Close the check
      </Button>
    );
  }
  if (check.applied_at !== null || check.submitted_count === 0) return null;
  return (
    <Button variant="default" loading={change.isPending} onClick={askToApply} data-testid="check-apply">
      Take over the corrections
    </Button>
  );
}
