import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { describeError } from "../../api/errors";
import { mayChange } from "../../api/permissions";
import type { ImageDetail, Project, Work } from "../../api/types";
import { acceptImage, rejectImage, renewLease, skipImage, submitImage, withdrawImage } from "../../api/work";
import { ReasonDialog } from "../../components/annotator/WorkControls";
import { isFinished, relationTo } from "../../components/project/workStatus";
import { allSaved } from "../../state/saved";
import { keys } from "../queries";
import { useServices } from "../services";
import { useMe } from "../session";
import { useTakeNext, type Queue } from "../useTakeNext";
import type { AnnotationSession } from "./session";

const SIGN_OF_LIFE_MS = 30_000;
const SAVING_PATIENCE_MS = 20_000;

export type StepName = "submit" | "withdraw" | "skip" | "accept" | "reject";
/** A step for which the person is asked why. */
export type ReasonedStep = "skip" | "reject";

const CALLS: Readonly<Record<StepName, (imageId: number, reason: string) => Promise<Work>>> = {
  submit: submitImage,
  withdraw: withdrawImage,
  skip: skipImage,
  accept: acceptImage,
  reject: rejectImage,
};
/** Which queue goes on after a step; after taking something back one stays. */
const AFTER: Readonly<Record<StepName, Queue | null>> = {
  submit: "label",
  skip: "label",
  accept: "review",
  reject: "review",
  withdraw: null,
};

export interface ImageWork {
  readonly work: Work;
  /** What this person may do with the image as it is now. */
  readonly steps: ReadonlySet<StepName>;
  /** Why its masks may only be looked at; null where they may be changed. */
  readonly readOnly: string | null;
  readonly mayLabel: boolean;
  readonly isBusy: boolean;
  /** Asks for the reason of a step that wants one. */
  readonly dialog: ReactNode;
  readonly ask: (step: ReasonedStep | null) => void;
  readonly run: (step: StepName, reason?: string) => void;
  /** Submits, or accepts what was submitted. */
  readonly handIn: () => void;
  readonly takeNext: () => void;
}

/** How far the work on the image is, kept up to date, and what can be done with it. */
export function useWork(image: ImageDetail, project: Project, session: AnnotationSession): ImageWork {
  const me = useMe();
  const { queue } = useServices();
  const queryClient = useQueryClient();
  const [asked, ask] = useState<ReasonedStep | null>(null);
  const goOn = useTakeNext(project.id);
  const mayLabel = mayChange(project, "POST images/{image_id}/work/lease/");
  const lease = useQuery({
    queryKey: keys.lease(image.id),
    queryFn: () => renewLease(image.id),
    enabled: mayLabel,
    refetchInterval: SIGN_OF_LIFE_MS,
  });
  const work = lease.data ?? image.work;
  // The first mask begins the image.
  const saveKind = useSyncExternalStore(queue.book.subscribe, () => queue.book.getStatus().kind);
  const { refetch } = lease;
  useEffect(() => {
    if (saveKind !== "saving" && mayLabel) void refetch();
  }, [saveKind, mayLabel, refetch]);

  const readOnly = readOnlyReason(project, work, me.id);
  useEffect(() => session.readOnly(readOnly), [session, readOnly]);

  const step = useMutation({
    mutationFn: async ({ name, reason }: { name: StepName; reason: string }) => {
      session.hand.finish();
      const saved = await allSaved(queue.book, image.id, SAVING_PATIENCE_MS);
      if (!saved.isSaved) throw new NotSaved(saved.reason);
      return CALLS[name](image.id, reason);
    },
    onSuccess: (now, { name }) => {
      ask(null);
      queryClient.setQueryData(keys.lease(image.id), now);
      void queryClient.invalidateQueries({ queryKey: keys.image(image.id) });
      void queryClient.invalidateQueries({ queryKey: keys.work(project.id) });
      void queryClient.invalidateQueries({ queryKey: keys.images(project.id) });
      const next = AFTER[name];
      if (next) goOn.mutate(next);
    },
    onError: (error) => {
      void refetch();
      notifications.show({
        color: "orange",
        title: "The image stays as it was",
        message: error instanceof NotSaved ? error.message : describeError(error).message,
      });
    },
  });
  const steps = useMemo(() => stepsFor(project, work, me.id), [project, work, me.id]);
  const run = (name: StepName, reason = "") => {
    if (!steps.has(name) || step.isPending) return;
    if (name === "submit" && session.store.getState().masks.size === 0) {
      modals.openConfirmModal({
        title: "Submit it without a mask?",
        children: <Text size="sm">Nothing is drawn on this image.</Text>,
        labels: { confirm: "There is nothing on it", cancel: "Go on labelling" },
        onConfirm: () => step.mutate({ name, reason }),
      });
    } else step.mutate({ name, reason });
  };
  return {
    work,
    steps,
    readOnly,
    mayLabel,
    isBusy: step.isPending || goOn.isPending,
    dialog: (
      <ReasonDialog
        step={asked}
        isBusy={step.isPending || goOn.isPending}
        onClose={() => ask(null)}
        onReason={(name, reason) => run(name, reason)}
      />
    ),
    ask: (wanted) => {
      if (wanted === null || steps.has(wanted)) ask(wanted);
    },
    run,
    handIn: () => run(steps.has("accept") ? "accept" : "submit"),
    takeNext: () => mayLabel && goOn.mutate("label"),
  };
}

class NotSaved extends Error {}

function stepsFor(project: Project, work: Work, userId: number): ReadonlySet<StepName> {
  const relation = relationTo(work, userId);
  const isOpen = !isFinished(work.status);
  const steps = new Set<StepName>();
  if (work.hold) return steps;
  if (isOpen && mayChange(project, "POST images/{image_id}/work/submit/", relation)) steps.add("submit");
  if (isOpen && mayChange(project, "POST images/{image_id}/work/skip/", relation)) steps.add("skip");
  if (work.status === "submitted") {
    if (mayChange(project, "POST images/{image_id}/work/withdraw/", relation)) steps.add("withdraw");
    if (mayChange(project, "POST images/{image_id}/work/accept/", relation)) steps.add("accept");
  }
  if (isFinished(work.status) && mayChange(project, "POST images/{image_id}/work/reject/", relation)) {
    steps.add("reject");
  }
  return steps;
}

function readOnlyReason(project: Project, work: Work, userId: number): string | null {
  if (work.hold === "consensus") {
    return "Several people label this image for a comparison. Nobody changes it until that is resolved.";
  }
  const relation = isFinished(work.status) ? "locked" : relationTo(work, userId);
  if (mayChange(project, "POST images/{image_id}/masks/", relation)) return null;
  if (!mayChange(project, "POST images/{image_id}/masks/", "own"))
    return "You may look at masks here, not change them.";
  if (relation === "locked") {
    return work.status === "accepted"
      ? "This image is accepted. A reviewer can send it back for changes."
      : "This image is submitted. Take it back to change it, as long as nobody has reviewed it.";
  }
  return `${work.assignee?.display_name ?? "Somebody else"} works on this image.`;
}
