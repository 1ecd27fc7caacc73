import { Alert, Group, List, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { fetchGroups, type FairnessGroups, type FairnessReport } from "../../api/fairness";
import { fetchLabels } from "../../api/projects";
import type { ProjectDetail } from "../../api/types";
import { counted } from "../../components/common/formats";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { GroupChart } from "../../components/fairness/GroupChart";
import { groupingsOf, groupRows, pairsText } from "../../components/fairness/groupRows";
import { GroupTable } from "../../components/fairness/GroupTable";
import { isUnfinished } from "../JobItem";
import { keys } from "../queries";

/** So many further masks of a running report are worth another look. */
const READ_EVERY = 100;

interface Props {
  readonly project: ProjectDetail;
  readonly report: FairnessReport;
}

/** What a report says of groups, by whatever people choose to make groups by. */
export function GroupsSection({ project, report }: Props) {
  const [by, setBy] = useState("tag");
  const labels = useQuery({ queryKey: keys.labels(project.id), queryFn: () => fetchLabels(project.id) });
  const groupings = groupingsOf(labels.data ?? []);
  const groups = useQuery({
    // Tags and labels may have changed elsewhere since.
    staleTime: 0,
    queryKey: keys.fairnessGroups(project.id, report.id, by, progressStep(report)),
    queryFn: () => Promise.all([fetchGroups(report.id, by, 1), fetchGroups(report.id, by, 3)]),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack component="section" gap="md" aria-label="Groups">
      <Group justify="space-between" align="flex-end">
        <div>
          <Title order={3}>Groups</Title>
          <Text size="sm" c="dimmed">
            {report.model}, {counted(report.masks_measured, "mask")}
          </Text>
        </div>
        <Select
          label="Groups by"
          allowDeselect={false}
          data={groupings.map(({ by: value, name }) => ({ value, label: name }))}
          value={by}
          onChange={(value) => value && setBy(value)}
          data-testid="groups-by"
        />
      </Group>
      {groups.isError && !groups.data ? (
        <ErrorNotice
          title="The groups could not be loaded"
          error={describeError(groups.error)}
          onRetry={() => void groups.refetch()}
        />
      ) : groups.data ? (
        <Found one={groups.data[0]} three={groups.data[1]} />
      ) : (
        <Skeleton height={240} radius="md" />
      )}
    </Stack>
  );
}

/** Changes when there is enough more to be read again. */
function progressStep(report: FairnessReport): number {
  const { masks_measured: measured } = report;
  return isUnfinished(report) ? measured - (measured % READ_EVERY) : measured;
}

function Found({ one, three }: { readonly one: FairnessGroups; readonly three: FairnessGroups }) {
  const rows = groupRows(one, three);
  const warnings = [...one.warnings, ...three.warnings];
  const hidden = one.differing + three.differing - warnings.length;
  if (rows.length === 0) {
    return (
      <Text c="dimmed" data-testid="groups-empty">
        No measured mask has anything to do with this.
      </Text>
    );
  }
  return (
    <Stack gap="md" data-testid="groups" data-by={one.by}>
      {warnings.length > 0 && (
        <Alert
          color="orange"
          icon={<IconAlertTriangle size={18} />}
          title={warnings.length === 1 ? "One group is served worse" : "Some groups are served worse"}
          data-testid="fairness-warnings"
        >
          <List size="sm" spacing={4}>
            {warnings.map(({ text }) => (
              <List.Item key={text}>{text}</List.Item>
            ))}
            {hidden > 0 && <List.Item>{hidden} further pairs differ.</List.Item>}
          </List>
        </Alert>
      )}
      <div className="fairness-result">
        <div className="surface fairness-card">
          <GroupChart rows={rows} />
        </div>
        <GroupTable rows={rows} />
      </div>
      <Text size="xs" c="dimmed" data-testid="fairness-notes">
        {[pairsText(one, three), ...notes(one)].join(" ")}
      </Text>
    </Stack>
  );
}

function notes({ masks_gone: gone, masks_changed: changed, by }: FairnessGroups): string[] {
  return [
    "Intervals are clustered by image.",
    ...(by === "tag" ? ["An image with several tags is in several groups."] : []),
    ...(changed > 0 ? [`${counted(changed, "mask was", "masks were")} changed since being measured.`] : []),
    ...(gone > 0
      ? [`${counted(gone, "mask was", "masks were")} deleted since; no figure has anything of them.`]
      : []),
  ];
}
