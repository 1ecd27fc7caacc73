import { useLocalStorage } from "@mantine/hooks";
import { useState, type ReactNode } from "react";
import type { Label, ProjectDetail } from "../../api/types";
import { useStable } from "../../components/common/useStable";
import type { AnnotationState } from "../../state/annotation";
import type { Hint } from "../../tools/keymap";
import { DeletedMasksModal } from "./DeletedMasksModal";
import { GuidelinesPanel } from "./GuidelinesPanel";
import { HistoryModal } from "./HistoryModal";
import { orderText } from "../../components/project/stageRules";
import type { AnnotationSession } from "./session";

interface Surroundings {
  readonly imageId: number;
  readonly project: ProjectDetail;
  readonly labels: readonly Label[];
  readonly state: AnnotationState;
  readonly session: AnnotationSession;
  readonly onHint: (hint: Hint) => void;
}

/** What of these panels commands open and close. */
export interface PanelCommands {
  showHistory(): void;
  showDeleted(): void;
  toggleGuidelines(): void;
}

interface Panels {
  readonly areGuidelinesShown: boolean;
  readonly commands: PanelCommands;
  readonly content: ReactNode;
}

/** What opens beside and over the annotator to be read: guidelines, the history of a mask, deleted masks. */
export function usePanels({ project, onHint, ...rest }: Surroundings): Panels {
  const [historyId, setHistoryId] = useState<string | null>(null);
  const [areDeletedShown, setDeletedShown] = useState(false);
  const [areGuidelinesShown, setGuidelinesShown] = useLocalStorage({
    key: "anymask.guidelines",
    defaultValue: false,
  });
  const hide = useStable(() => setGuidelinesShown(false));
  const { selectedId } = rest.state;
  return {
    areGuidelinesShown,
    commands: {
      showHistory: () => {
        if (selectedId === null) onHint("Select a mask first.");
        else setHistoryId(selectedId);
      },
      showDeleted: () => setDeletedShown(true),
      toggleGuidelines: () => setGuidelinesShown((isShown) => !isShown),
    },
    content: (
      <>
        {areGuidelinesShown && (
          <GuidelinesPanel text={project.guidelines} order={orderText(project)} onClose={hide} />
        )}
        {historyId !== null && (
          <HistoryModal maskId={historyId} project={project} {...rest} onClose={() => setHistoryId(null)} />
        )}
        {areDeletedShown && (
          <DeletedMasksModal project={project} {...rest} onClose={() => setDeletedShown(false)} />
        )}
      </>
    ),
  };
}
