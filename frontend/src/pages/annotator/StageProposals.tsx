import { useCallback } from "react";
import { ProposalBar } from "../../components/annotator/ProposalBar";
import { ErrorNotice } from "../../components/common/ErrorNotice";
import { useStable } from "../../components/common/useStable";
import { hasDraft, type AnnotationState } from "../../state/annotation";
import { hasUndecided, openProposals, proposalFloor } from "../../state/proposals";
import type { Command } from "../../tools/commands";
import type { AnnotationSession } from "./session";
import type { SessionView } from "./sessionView";

interface Props {
  readonly session: AnnotationSession;
  readonly state: AnnotationState;
  readonly view: SessionView;
  readonly yields: boolean;
  readonly onCommand: (command: Command) => void;
}

/** The bar over the image for what models found on it, as long as there is something to decide. */
export function StageProposals({ session, state, view, yields, onCommand }: Props) {
  const { proposing, runProposals } = session;
  const open = openProposals(state);
  const setFloor = useCallback((floor: number) => proposing.setFloor(floor), [proposing]);
  const acceptAll = useStable(() => proposing.acceptAll({ labelId: state.labelId, yields }));
  const rejectAll = useCallback(() => proposing.rejectAll(), [proposing]);
  const cancel = useCallback(() => void proposing.cancel(), [proposing]);
  if (view.proposalsFailure && open.length === 0) {
    return (
      <div className="proposal-bar" role="region" aria-label="Proposals">
        <ErrorNotice
          title="The proposals could not be loaded"
          error={view.proposalsFailure}
          onRetry={() => void runProposals.load()}
        />
      </div>
    );
  }
  if (!view.search && !hasUndecided(state)) return null;
  return (
    <ProposalBar
      search={view.search}
      open={open}
      currentId={view.currentProposal?.id ?? null}
      floor={proposalFloor(state)}
      areShown={view.areProposalsShown}
      isBusy={hasDraft(state.draft)}
      onFloor={setFloor}
      onAcceptAll={acceptAll}
      onRejectAll={rejectAll}
      onCancel={cancel}
      onCommand={onCommand}
    />
  );
}
