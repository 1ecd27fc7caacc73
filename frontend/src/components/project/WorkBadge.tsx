import { Badge } from "@mantine/core";
import {
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconPencil,
  IconSend,
  IconSparkles,
  type Icon,
} from "@tabler/icons-react";
import type { Work, WorkStatus } from "../../api/types";
import { WORK_LOOKS } from "./workStatus";

const ICONS: Readonly<Record<WorkStatus, Icon>> = {
  new: IconHourglass,
  embedding: IconHourglass,
  ready: IconSparkles,
  in_progress: IconPencil,
  submitted: IconSend,
  rejected: IconCircleX,
  accepted: IconCircleCheck,
};

/** How far the work on an image is, and on demand whose it is. */
export function WorkBadge({ work, withName = false }: { readonly work: Work; readonly withName?: boolean }) {
  const { label, color } = WORK_LOOKS[work.status];
  const StatusIcon = ICONS[work.status];
  return (
    <Badge
      size="sm"
      variant="filled"
      color={color}
      leftSection={<StatusIcon size={12} />}
      title={work.assignee ? `${label}, ${work.assignee.display_name}` : label}
      data-testid="work-status"
      data-status={work.status}
      style={{ textTransform: "none", flex: "none" }}
    >
      {label}
      {withName && work.assignee && ` · ${work.assignee.display_name}`}
    </Badge>
  );
}
