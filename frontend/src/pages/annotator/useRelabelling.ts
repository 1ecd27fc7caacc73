import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/errors";
import { relabelMasks, type Relabelling } from "../../api/likeness";
import type { Mask } from "../../api/types";
import { counted } from "../../components/common/formats";
import { useMe } from "../session";

/** A mask as it was found, wherever its image is. */
export interface FoundMask {
  readonly id: string;
  readonly revision: number;
  readonly label: number | null;
}

type Told = Pick<Mask, "label" | "revision">;

/** Labels given to masks of any image at once, and taken back step by step. What is refused is told. */
export function useRelabelling(projectId: number, onMask: (mask: Mask) => void) {
  const me = useMe();
  const [told, setTold] = useState<ReadonlyMap<string, Told>>(new Map());
  const [steps, setSteps] = useState<readonly (readonly FoundMask[])[]>([]);
  const change = useMutation({
    mutationFn: (wanted: readonly Relabelling[]) => relabelMasks(me.id, projectId, wanted),
    onSuccess: ({ results, failed }) => {
      const masks = results.flatMap(({ mask }) => mask ?? []);
      setTold((now) => new Map([...now, ...masks.map((mask) => [mask.id, mask] as const)]));
      masks.forEach(onMask);
      const refused = results.find(({ error }) => error !== null);
      if (!refused) return;
      notifications.show({
        color: "orange",
        title: `${counted(failed, "mask")} stayed as before`,
        message: refused.error!.message,
      });
    },
    onError: (error) =>
      notifications.show({
        color: "orange",
        title: "No label was given",
        message: describeError(error).message,
      }),
  });
  /** As it is now, by what the server told since it was found. */
  const present = <Found extends FoundMask>(mask: Found): Found => ({ ...mask, ...pick(told.get(mask.id)) });
  const relabel = (masks: readonly FoundMask[], label: number | null): void => {
    const before = masks.map(present).filter((mask) => mask.label !== label);
    if (before.length === 0 || change.isPending) return;
    change.mutate(
      before.map(({ id, revision }) => ({ id, revision, label })),
      {
        onSuccess: ({ results }) => {
          const done = new Set(results.flatMap(({ mask }) => mask?.id ?? []));
          if (done.size > 0) setSteps((now) => [...now, before.filter(({ id }) => done.has(id))]);
        },
      },
    );
  };
  const undo = (): void => {
    const step = steps.at(-1);
    if (!step || change.isPending) return;
    change.mutate(
      step.map((mask) => ({ id: mask.id, revision: present(mask).revision, label: mask.label })),
      { onSuccess: () => setSteps((now) => now.slice(0, -1)) },
    );
  };
  return { present, relabel, undo, canUndo: steps.length > 0, isBusy: change.isPending };
}

function pick(told: Told | undefined): Partial<Told> {
  return told ? { label: told.label, revision: told.revision } : {};
}
