import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { describeError } from "../../api/errors";
import { decideProposals, type Decision, type ProposalState } from "../../api/proposals";
import { counted } from "../../components/common/formats";
import { keys } from "../queries";

/** In one request. */
const TOGETHER = 500;
const STEPS_KEPT = 50;
const BECOMES: Readonly<Record<Decision, ProposalState>> = {
  accept: "accepted",
  reject: "rejected",
  reopen: "open",
};

type States = ReadonlyMap<string, ProposalState>;

/**
 * Decisions about some proposals, shown at once and sent one after the other, and taken back step by step. What the server
 * refuses is told, and shown as it is.
 */
export function useDeciding(projectId: number) {
  const queryClient = useQueryClient();
  const [states, setStates] = useState<States>(new Map());
  const [waiting, setWaiting] = useState(0);
  const [stepCount, setStepCount] = useState(0);
  const steps = useRef<readonly (readonly string[])[]>([]);
  const last = useRef<Promise<void>>(Promise.resolve());

  const show = (ids: readonly string[], state: ProposalState | null) =>
    setStates((now) => {
      const next = new Map(now);
      for (const id of ids) {
        if (state) next.set(id, state);
        else next.delete(id);
      }
      return next;
    });
  const keep = (changed: readonly (readonly string[])[]) => {
    steps.current = changed.slice(-STEPS_KEPT);
    setStepCount(steps.current.length);
  };

  /** Those that are as was asked for now. */
  const send = async (decision: Decision, ids: readonly string[], label?: number): Promise<string[]> => {
    const { results } = await decideProposals(projectId, decision, ids, label);
    const refused = results.filter(({ error }) => error !== null);
    for (const { id, state } of results) if (state !== BECOMES[decision]) show([id], state);
    if (refused.length > 0) {
      notifications.show({
        color: "orange",
        title: `${counted(refused.length, "proposal")} stayed as before`,
        message: refused[0]!.error!.message,
      });
    }
    return results.filter(({ state }) => state === BECOMES[decision]).map(({ id }) => id);
  };

  const inTurn = (work: () => Promise<void>): void => {
    setWaiting((now) => now + 1);
    last.current = last.current.then(work).finally(() => {
      setWaiting((now) => now - 1);
      void queryClient.invalidateQueries({ queryKey: keys.proposalFigures(projectId) });
      void queryClient.invalidateQueries({ queryKey: keys.proposalRuns(projectId) });
    });
  };
  const fail = (error: unknown) =>
    notifications.show({
      color: "orange",
      title: "That was not decided",
      message: describeError(error).message,
    });

  const decide = (decision: "accept" | "reject", ids: readonly string[], label?: number): void => {
    show(ids, BECOMES[decision]);
    inTurn(async () => {
      for (let from = 0; from < ids.length; from += TOGETHER) {
        const part = ids.slice(from, from + TOGETHER);
        try {
          const decided = await send(decision, part, label);
          if (decided.length > 0) keep([...steps.current, decided]);
        } catch (error) {
          show(ids.slice(from), null);
          fail(error);
          return;
        }
      }
    });
  };
  const undo = (): void =>
    inTurn(async () => {
      const step = steps.current.at(-1);
      if (!step) return;
      try {
        show(await send("reopen", step), "open");
        keep(steps.current.slice(0, -1));
      } catch (error) {
        fail(error);
      }
    });
  /** The sheet is read anew: what it shows is the server's word. */
  const forgetStates = () => setStates(new Map());
  return { states, isBusy: waiting > 0, canUndo: stepCount > 0, decide, undo, forgetStates };
}

export type Deciding = ReturnType<typeof useDeciding>;
