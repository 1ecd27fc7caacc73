import { CloseButton, Text } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { useEffect, useState } from "react";
import type { ProjectDetail } from "../../api/types";
import { MaskTimeHint } from "../../components/annotator/MaskTimeHint";
import { orderText } from "../../components/project/stageRules";
import { hasDraft, type AnnotationState } from "../../state/annotation";
import { dueSince } from "../../state/maskTime";
import { unknownWordNote } from "../../state/words";
import type { Command } from "../../tools/commands";
import { useServices } from "../services";
import type { AnnotationSession } from "./session";

const LOOK_MS = 500;

interface Props {
  readonly project: ProjectDetail;
  readonly session: AnnotationSession;
  readonly state: AnnotationState;
  readonly onSave: () => void;
  readonly onCommand: (command: Command) => void;
}

/** What is to be said while somebody labels: in which order, that a mask takes long, that the model does not know a word. */
export function StageHints({ project, session, state, onSave, onCommand }: Props) {
  const limit = project.mask_seconds_hint;
  const due = useDueMask(session, limit);
  const [passedOver, setPassedOver] = useState<number | null>(null);
  const [isOrderRead, setOrderRead] = useSessionStorage({
    key: `anymask.orderRead.${project.id}`,
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const order = isOrderRead ? null : orderText(project);
  const isDue = limit !== null && due !== null && due !== passedOver && hasDraft(state.draft);
  const unknownWord = state.draft.word && unknownWordNote(state.draft.word);
  if (order === null && !isDue && unknownWord === null) return null;
  return (
    <div className="stage-strips">
      {order !== null && (
        <div className="stage-strip" role="note" data-testid="order-hint">
          <Text size="sm">{order}</Text>
          <CloseButton size="sm" aria-label="I have read it" onClick={() => setOrderRead(true)} />
        </div>
      )}
      {unknownWord !== null && (
        <div className="stage-strip" role="status" data-testid="word-note">
          <Text size="sm">{unknownWord}</Text>
        </div>
      )}
      {isDue && (
        <MaskTimeHint
          seconds={limit}
          onSave={onSave}
          onCommand={onCommand}
          onDismiss={() => setPassedOver(due)}
        />
      )}
    </div>
  );
}

/** When the mask being made was begun, once it has been worked on for `limit` seconds; null before, and without a limit. */
function useDueMask(session: AnnotationSession, limit: number | null): number | null {
  const { clock } = useServices();
  const [due, setDue] = useState<number | null>(null);
  useEffect(() => {
    if (limit === null) return;
    const look = () => setDue(dueSince(limit, session.makingSince, clock.settledSeconds()));
    const looking = setInterval(look, LOOK_MS);
    return () => clearInterval(looking);
  }, [session, clock, limit]);
  return due;
}
