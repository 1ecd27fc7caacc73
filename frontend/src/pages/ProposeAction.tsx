import "../components/proposals/proposals.css";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconSparkles } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { mayChange } from "../api/permissions";
import { fetchLabels } from "../api/projects";
import type { ProjectDetail } from "../api/types";
import { NewRunModal } from "./proposals/NewRunModal";
import { keys } from "./queries";

interface Props {
  readonly project: ProjectDetail;
  readonly chosenIds: readonly number[];
}

/** Lets the model look at the images chosen in the grid. */
export function ProposeAction({ project, chosenIds }: Props) {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const isShown = mayChange(project, "POST projects/{project_id}/proposal-runs/") && chosenIds.length > 0;
  const labels = useQuery({
    queryKey: keys.labels(project.id),
    queryFn: () => fetchLabels(project.id),
    enabled: isShown,
  });
  if (!isShown) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconSparkles size={16} />}
        onClick={() => setOpen(true)}
        loading={isOpen && labels.isPending}
        data-testid="propose-images-open"
      >
        Propose on {chosenIds.length}
      </Button>
      {!labels.isPending && (
        <NewRunModal
          // Begun anew each time.
          key={String(isOpen)}
          project={project}
          // Without them the label is left for later.
          labels={labels.data ?? []}
          imageIds={chosenIds}
          isOpen={isOpen}
          onClose={() => setOpen(false)}
          onStarted={() => void navigate(`/projects/${project.id}/proposals`)}
        />
      )}
    </>
  );
}
