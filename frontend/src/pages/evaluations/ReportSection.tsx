import { Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconDownload } from "@tabler/icons-react";
import { describeError } from "../../api/errors";
import { fetchEvaluation, fetchReportPage, type Evaluation } from "../../api/evaluations";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { KeyFigureTable } from "../../components/evaluations/KeyFigureTable";
import { ReportFrame } from "../../components/evaluations/ReportFrame";
import { settingText } from "../../components/evaluations/figures";
import { keys } from "../queries";
import { jsonSave } from "./jsonSave";

interface Props {
  readonly shown: Evaluation;
  readonly title: string;
  /** By the same task, to stand beside it. */
  readonly other: Evaluation | null;
  /** Its page is for who started it and who manages the project. */
  readonly mayTakeFile: boolean;
}

/** What came of an evaluation: the figures, beside those of another, and the page with all of it. */
export function ReportSection({ shown, title, other, mayTakeFile }: Props) {
  const detail = useQuery({
    queryKey: keys.evaluation(shown.project, shown.id),
    queryFn: () => fetchEvaluation(shown.id),
    staleTime: Infinity,
  });
  const url = mayTakeFile ? shown.file_url : null;
  const settings = Object.entries(shown.settings).map(([name, value]) => `${settingText(name)} ${value}`);
  return (
    <Stack component="section" gap="md" aria-label={`Report no. ${shown.id}`} data-testid="evaluation-report">
      <div className="surface evaluation-card">
        <Group justify="space-between" align="flex-start" mb="xs">
          <div>
            <Title order={3} fz="lg">
              {title}
            </Title>
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {[shown.model, ...settings].join(" · ")}
            </Text>
          </div>
          <Group gap="sm">
            {url && (
              <Anchor href={url} download size="sm" underline="always" data-testid="evaluation-html">
                HTML
              </Anchor>
            )}
            <Button
              size="xs"
              variant="default"
              leftSection={<IconDownload size={14} />}
              disabled={!detail.data?.report}
              onClick={() => jsonSave(`${shown.task}-${shown.id}.json`, detail.data?.report)}
              data-testid="evaluation-json"
            >
              JSON
            </Button>
          </Group>
        </Group>
        {shown.figures.length > 0 ? (
          <KeyFigureTable shown={shown} other={other} />
        ) : (
          <Text size="sm">There was nothing to count for this task. Its page says more.</Text>
        )}
      </div>
      {url ? (
        <ReportPage url={url} title={`${title}, no. ${shown.id}`} />
      ) : (
        <Text size="sm" c="dimmed" data-testid="report-not-yours">
          The page with examples is for who started the evaluation and who manages the project.
        </Text>
      )}
    </Stack>
  );
}

function ReportPage({ url, title }: { readonly url: string; readonly title: string }) {
  const page = useQuery({
    queryKey: keys.reportPage(url),
    queryFn: () => fetchReportPage(url),
    staleTime: Infinity,
  });
  if (page.isError) {
    return (
      <ErrorNotice
        title="The page could not be loaded"
        error={describeError(page.error)}
        onRetry={() => void page.refetch()}
      />
    );
  }
  if (page.data === undefined) return <Skeleton height={320} radius="md" />;
  return <ReportFrame html={page.data} title={title} />;
}
