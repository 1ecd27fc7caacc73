import { Button, Group } from "@mantine/core";
import {
  IconBook,
  IconChartBar,
  IconEyeOff,
  IconHandFinger,
  IconHistory,
  IconListCheck,
  IconBookmarks,
  IconBox,
  IconReportAnalytics,
  IconScale,
  IconSparkles,
  IconTags,
  IconUsers,
  IconWebhook,
} from "@tabler/icons-react";
import { useState, type ComponentType } from "react";
import { Link } from "react-router";
import { mayChange } from "../api/permissions";
import type { ProjectDetail } from "../api/types";
import { AuditModal } from "./AuditModal";
import { GuidelinesModal } from "./GuidelinesModal";
import { LabelsModal } from "./LabelsModal";
import { MembersModal } from "./MembersModal";
import { PrivacyModal } from "./PrivacyModal";
import { RulesModal } from "./RulesModal";
import { TagsModal } from "./TagsModal";
import { WebhooksModal } from "./WebhooksModal";

interface Room {
  readonly name: string;
  readonly Icon: ComponentType<{ readonly size: number }>;
  readonly testId: string;
  readonly isShown: boolean;
}

/** A page of its own, below the project's. */
interface Page extends Room {
  readonly path: string;
}

type DialogName = "guidelines" | "rules" | "labels" | "tags" | "members" | "privacy" | "webhooks" | "audit";

interface Dialog extends Room {
  readonly dialog: DialogName;
}

/** What there is of a project besides its images: figures, people, rules. */
export function ProjectRooms({ project }: { readonly project: ProjectDetail }) {
  const [open, setOpen] = useState<DialogName | null>(null);
  const close = () => setOpen(null);
  const look = { variant: "subtle", color: "gray", size: "compact-sm" } as const;
  return (
    <Group component="nav" aria-label="Of the project" gap={4}>
      {pagesOf(project).map(({ name, Icon, testId, path }) => (
        <Button
          key={name}
          {...look}
          component={Link}
          to={`/projects/${project.id}/${path}`}
          leftSection={<Icon size={15} />}
          data-testid={testId}
        >
          {name}
        </Button>
      ))}
      {dialogsOf(project).map(({ name, Icon, testId, dialog }) => (
        <Button
          key={name}
          {...look}
          leftSection={<Icon size={15} />}
          onClick={() => setOpen(dialog)}
          data-testid={testId}
        >
          {name}
        </Button>
      ))}
      <LabelsModal project={project} isOpen={open === "labels"} onClose={close} />
      <TagsModal project={project} isOpen={open === "tags"} onClose={close} />
      <MembersModal project={project} isOpen={open === "members"} onClose={close} />
      <GuidelinesModal project={project} isOpen={open === "guidelines"} onClose={close} />
      <RulesModal project={project} isOpen={open === "rules"} onClose={close} />
      <PrivacyModal project={project} isOpen={open === "privacy"} onClose={close} />
      <WebhooksModal project={project} isOpen={open === "webhooks"} onClose={close} />
      <AuditModal project={project} isOpen={open === "audit"} onClose={close} />
    </Group>
  );
}

function pagesOf(project: ProjectDetail): readonly Page[] {
  const pages: readonly Page[] = [
    {
      name: "Dashboard",
      Icon: IconChartBar,
      testId: "dashboard-open",
      path: "dashboard",
      // Whoever may review may see the figures.
      isShown: mayChange(project, "POST projects/{project_id}/work/next-review/"),
    },
    {
      name: "Quality",
      Icon: IconScale,
      testId: "quality-open",
      path: "quality",
      // Agreement and fairness are for reviewers, too.
      isShown: mayChange(project, "POST projects/{project_id}/work/next-review/"),
    },
    {
      name: "Evaluations",
      Icon: IconReportAnalytics,
      testId: "evaluations-open",
      path: "evaluations",
      // As fairness: for reviewers, too.
      isShown: mayChange(project, "POST projects/{project_id}/work/next-review/"),
    },
    { name: "Models", Icon: IconBox, testId: "models-open", path: "models", isShown: true },
    { name: "Proposals", Icon: IconSparkles, testId: "proposals-open", path: "proposals", isShown: true },
    { name: "Jobs", Icon: IconListCheck, testId: "jobs-open", path: "jobs", isShown: true },
  ];
  return pages.filter(({ isShown }) => isShown);
}

function dialogsOf(project: ProjectDetail): readonly Dialog[] {
  const dialogs: readonly Dialog[] = [
    { name: "Guidelines", Icon: IconBook, testId: "guidelines-open", dialog: "guidelines", isShown: true },
    {
      name: "Rules",
      Icon: IconHandFinger,
      testId: "rules-open",
      dialog: "rules",
      isShown: mayChange(project, "PATCH projects/{project_id}/"),
    },
    { name: "Labels", Icon: IconTags, testId: "labels-open", dialog: "labels", isShown: true },
    { name: "Tags", Icon: IconBookmarks, testId: "tags-open", dialog: "tags", isShown: true },
    { name: "Members", Icon: IconUsers, testId: "members-open", dialog: "members", isShown: true },
    {
      name: "Privacy",
      Icon: IconEyeOff,
      testId: "privacy-open",
      dialog: "privacy",
      isShown: mayChange(project, "PATCH projects/{project_id}/privacy/"),
    },
    {
      name: "Activity",
      Icon: IconHistory,
      testId: "audit-open",
      dialog: "audit",
      // The log is read by whom the table lets manage the project.
      isShown: mayChange(project, "PATCH projects/{project_id}/"),
    },
    {
      name: "Webhooks",
      Icon: IconWebhook,
      testId: "webhooks-open",
      dialog: "webhooks",
      isShown: mayChange(project, "POST projects/{project_id}/webhooks/"),
    },
  ];
  return dialogs.filter(({ isShown }) => isShown);
}
