import "../../components/fairness/fairness.css";
import "../../components/proposals/proposals.css";
import { Button, Group, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { IconScale } from "@tabler/icons-react";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { fetchReports, type FairnessReport } from "../../api/fairness";
import { cancelJob, retryJob } from "../../api/jobs";
import { mayChange } from "../../api/permissions";
import type { ProjectDetail } from "../../api/types";
import { EmptyState } from "../../components/common/EmptyState";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { ShowMore } from "../../components/common/ShowMore";
import { ReportRow } from "../../components/fairness/ReportRow";
import { BUSY_POLL_MS, IDLE_POLL_MS, isUnfinished } from "../JobItem";
import { keys } from "../queries";
import { useJobAction } from "../useJobAction";
import { GroupsSection } from "./GroupsSection";
import { StartReport } from "./StartReport";

const FEW = 3;

/** Whether the model does equally well on all groups of masks: reports, and what the one that is chosen says. */
export function FairnessTab({ project }: { readonly project: ProjectDetail }) {
  const [isFormOpen, setFormOpen] = useState(false);
  const [chosenId, setChosenId] = useState<number | null>(null);
  const mayStart = mayChange(project, "POST projects/{project_id}/fairness-reports/");
  const query = useInfiniteQuery({
    queryKey: keys.fairnessReports(project.id),
    queryFn: ({ pageParam }) => fetchReports(project.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.reports.some(isUnfinished)) ? BUSY_POLL_MS : IDLE_POLL_MS,
  });
  const cancel = useJobAction(cancelJob, "The report was not cancelled", keys.fairness(project.id));
  const retry = useJobAction(retryJob, "The report was not started again", keys.fairness(project.id));
  if (query.isError && !query.data) {
    return (
      <ErrorNotice
        title="The reports could not be loaded"
        error={describeError(query.error)}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return <Skeleton height={200} radius="md" />;
  const reports = query.data.pages.flatMap((page) => page.reports);
  const hasFigures = ({ masks_measured: measured }: FairnessReport) => measured > 0;
  const chosen = reports.find(({ id }) => id === chosenId) ?? reports.find(hasFigures);
  const start = mayStart && (
    <Button leftSection={<IconScale size={16} />} onClick={() => setFormOpen(true)} data-testid="report-new">
      New report
    </Button>
  );
  return (
    <Stack gap="lg">
      {reports.length === 0 ? (
        <EmptyState icon={<IconScale size={32} />} title="No report yet" action={start}>
          A report clicks on accepted masks and tells how well the model meets them, group by group: by the
          tags of images, by label, or by what attributes say. So one sees whether it fails some more than
          others.
        </EmptyState>
      ) : (
        <>
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              How well the model meets accepted masks after 1 and 3 clicks, group by group.
            </Text>
            {start}
          </Group>
          <ul className="run-list" aria-label="Reports" data-many={reports.length > FEW}>
            {reports.map((report) => (
              <ReportRow
                key={report.id}
                report={report}
                isChosen={report.id === chosen?.id}
                onChoose={() => setChosenId(report.id)}
                cancel={mayStart && isUnfinished(report) ? cancel(report) : null}
                retry={mayStart && isStopped(report) ? retry(report) : null}
                mayTakeFile={mayStart}
              />
            ))}
          </ul>
          <ShowMore size="xs" query={query}>
            Show more reports
          </ShowMore>
          {chosen && hasFigures(chosen) && <GroupsSection project={project} report={chosen} />}
        </>
      )}
      <Modal opened={isFormOpen} onClose={() => setFormOpen(false)} title="New fairness report" size="lg">
        <StartReport
          project={project}
          onStarted={() => {
            setFormOpen(false);
            setChosenId(null);
          }}
        />
      </Modal>
    </Stack>
  );
}

const isStopped = ({ state }: FairnessReport) => state === "failed" || state === "cancelled";
