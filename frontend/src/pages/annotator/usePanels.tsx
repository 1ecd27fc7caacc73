import { useLocalStorage } from "@mantine/hooks";
import { useState, type ReactNode, type RefObject } from "react";
import type { Label, ProjectDetail } from "../../api/types";
import type { StageHandle } from "../../components/annotator/CanvasStage";
import { useStable } from "../../components/common/useStable";
import type { AnnotationState } from "../../state/annotation";
import type { Hint } from "../../tools/keymap";
import { DeletedMasksModal } from "./DeletedMasksModal";
import { GuidelinesPanel } from "./GuidelinesPanel";
import { HistoryModal } from "./HistoryModal";
import { orderText } from "../../components/project/stageRules";
import { SimilarModal } from "./SimilarModal";
import type { AnnotationSession } from "./session";
import { useNamedMask } from "./useNamedMask";

interface Surroundings {
  readonly imageId: number;
  readonly project: ProjectDetail;
  readonly labels: readonly Label[];
  readonly state: AnnotationState;
  readonly session: AnnotationSession;
  readonly onHint: (hint: Hint) => void;
  readonly stage: RefObject<StageHandle | null>;
}

/** What of these panels commands open and close. */
export interface PanelCommands {
  showHistory(): void;
  showDeleted(): void;
  findSimilar(): void;
  toggleGuidelines(): void;
}

interface Panels {
  readonly areGuidelinesShown: boolean;
  readonly commands: PanelCommands;
  readonly content: ReactNode;
}

/** What opens beside and over the annotator to be read: guidelines, the history of a mask, deleted masks. */
export function usePanels({ project, onHint, stage, ...rest }: Surroundings): Panels {
  const [historyId, setHistoryId] = useState<string | null>(null);
  const [similarId, setSimilarId] = useState<string | null>(null);
  const [areDeletedShown, setDeletedShown] = useState(false);
  const [areGuidelinesShown, setGuidelinesShown] = useLocalStorage({
    key: "anymask.guidelines",
    defaultValue: false,
  });
  const openMask = useNamedMask(rest.session, rest.imageId, stage, onHint);
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
      findSimilar: () => {
        if (selectedId === null) onHint("Select a mask first.");
        else setSimilarId(selectedId);
      },
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
        {similarId !== null && (
          <SimilarModal
            maskId={similarId}
            project={project}
            {...rest}
            onOpen={(imageId, maskId) => {
              setSimilarId(null);
              openMask(imageId, maskId);
            }}
            onClose={() => setSimilarId(null)}
          />
        )}
        {areDeletedShown && (
          <DeletedMasksModal project={project} {...rest} onClose={() => setDeletedShown(false)} />
        )}
      </>
    ),
  };
}
