import { ActionIcon, Anchor, Button, Collapse, Group, Progress, Stack, Text, ThemeIcon } from "@mantine/core";
import {
  IconChevronDown,
  IconChevronRight,
  IconCpu,
  IconDownload,
  IconFileExport,
  IconFileImport,
  IconSchool,
  IconSettingsCog,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { fileSize } from "../common/formats";
import { JobBadge } from "./JobBadge";
import { JobButtons, type JobAction } from "./JobButtons";
import { keptUntil, progressPercent, type JobLook, type MadeFile } from "./jobTexts";

interface Props {
  readonly kind: string;
  readonly title: string;
  readonly look: JobLook;
  /** Shown where rows of several projects stand together. */
  readonly project: { readonly id: number; readonly name: string } | null;
  /** Who started it and when. */
  readonly about: string;
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly progressText: string;
  readonly problem: string;
  readonly file: MadeFile | null;
  /** Where what came of it is shown. */
  readonly place: { readonly to: string; readonly text: string } | null;
  readonly cancel: JobAction | null;
  readonly retry: JobAction | null;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  /** Its log, shown while the row is open. */
  readonly children: ReactNode;
}

/** One job: what it is, how far it is, and what can be done about it. */
export function JobRow(props: Props) {
  const { title, look, project, about, progressText, problem, file, place, cancel, retry, isOpen } = props;
  const isActive = look === "running" || look === "cancelling";
  return (
    <li className="surface" data-testid="job" data-kind={props.kind} data-state={look}>
      <Group p="sm" gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" size={36} radius="md" color={look === "failed" ? "orange" : "sky"}>
          <KindIcon kind={props.kind} />
        </ThemeIcon>
        <Stack gap={4} flex={1} miw={0}>
          <Group gap="xs">
            <Text fw={600}>{title}</Text>
            <JobBadge look={look} />
          </Group>
          <Text size="sm" className="faint">
            {project && (
              <>
                <Anchor component={Link} to={`/projects/${project.id}/jobs`} size="sm">
                  {project.name}
                </Anchor>
                {about && " · "}
              </>
            )}
            {about}
          </Text>
          {isActive && (
            <Progress
              value={progressPercent(props.progress)}
              size="sm"
              mt={4}
              animated={look === "running"}
              aria-label={`Progress of ${title}`}
            />
          )}
          {progressText && (
            <Text size="sm" data-testid="job-progress">
              {progressText}
            </Text>
          )}
          {problem && (
            <Text size="sm" c="var(--app-error)" style={{ overflowWrap: "anywhere" }}>
              {problem}
            </Text>
          )}
          {place && (
            <Anchor component={Link} to={place.to} size="sm" w="fit-content">
              {place.text}
            </Anchor>
          )}
          {file && (
            <Text size="sm" className="faint" style={{ overflowWrap: "anywhere" }}>
              {file.name}, {fileSize(file.bytes)}, {keptUntil(file)}
            </Text>
          )}
        </Stack>
        <Group gap={6} justify="flex-end">
          {file && (
            <Button
              component="a"
              href={file.url}
              download
              size="xs"
              leftSection={<IconDownload size={14} />}
              aria-label={`Download ${file.name}`}
              data-testid="job-download"
            >
              Download
            </Button>
          )}
          <JobButtons cancel={cancel} retry={retry} title={title} testId="job" />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Log of ${title}`}
            aria-expanded={isOpen}
            onClick={props.onToggle}
            data-testid="job-log-toggle"
          >
            {isOpen ? <IconChevronDown size={18} /> : <IconChevronRight size={18} />}
          </ActionIcon>
        </Group>
      </Group>
      <Collapse expanded={isOpen}>{isOpen && props.children}</Collapse>
    </li>
  );
}

function KindIcon({ kind }: { readonly kind: string }) {
  if (kind === "embeddings") return <IconCpu size={20} />;
  if (kind.split(".")[0] === "import") return <IconFileImport size={20} />;
  if (kind === "train") return <IconSchool size={20} />;
  return kind.split(".")[0] === "export" ? <IconFileExport size={20} /> : <IconSettingsCog size={20} />;
}
