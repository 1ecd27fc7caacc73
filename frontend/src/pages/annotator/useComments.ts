import { useLocalStorage } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type RefObject } from "react";
import { useSearchParams } from "react-router";
import { isLoggedOut } from "../../api/errors";
import { fetchMembers } from "../../api/members";
import { mayChange } from "../../api/permissions";
import * as api from "../../api/threads";
import type { ImageDetail, Project, Thread } from "../../api/types";
import type { StageHandle } from "../../components/annotator/CanvasStage";
import { useStable } from "../../components/common/useStable";
import { pixelAt } from "../../geometry/frames";
import { imagePoint, type ImagePoint } from "../../geometry/points";
import type { AnnotationState } from "../../state/annotation";
import { maskAt } from "../../state/hitTest";
import {
  listedThreads,
  threadAfter,
  threadLearnt,
  type NewPin,
  type ThreadFilter,
} from "../../state/threads";
import type { Keymap } from "../../tools/keymap";
import { keys } from "../queries";
import { useServices } from "../services";
import { useMe } from "../session";
import { CommentDrafts } from "./commentDrafts";
import { showHint } from "./hints";

const POLL_MS = 4_000;
/** Of the address: the thread that is open, so that a link may lead to it. */
const PARAMETER = "thread";

interface Options {
  readonly image: ImageDetail;
  readonly project: Project;
  readonly state: AnnotationState;
  readonly areSavedShown: boolean;
  readonly stage: RefObject<StageHandle | null>;
  readonly keymap: Keymap;
}

/** The threads of the image, the one that is open, and what can be done with them. */
export function useComments({ image, project, state, areSavedShown, stage, keymap }: Options) {
  const me = useMe();
  const { session } = useServices();
  const queryClient = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const [filter, setFilter] = useLocalStorage<ThreadFilter>({ key: "anymask.threads", defaultValue: "open" });
  const [arePinsShown, setPinsShown] = useLocalStorage({ key: "anymask.pins", defaultValue: true });
  const [pin, setPin] = useState<NewPin | null>(null);
  const [isListOpen, setListOpen] = useState(false);
  const drafts = useMemo(() => new CommentDrafts(me.id, image.id), [me.id, image.id]);

  const queryKey = keys.threads(image.id);
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => api.fetchThreads(image.id, signal),
    refetchInterval: POLL_MS,
  });
  const threads = useMemo(() => query.data ?? [], [query.data]);
  const openedId = pin ? null : search.get(PARAMETER);
  const opened = threads.find(({ id }) => id === openedId) ?? null;
  const members = useQuery({
    queryKey: keys.members(project.id),
    queryFn: () => fetchMembers(project.id),
    enabled: pin !== null || opened !== null,
  });
  const listed = useMemo(() => listedThreads(threads, filter, openedId), [threads, filter, openedId]);

  const mayWrite = mayChange(project, "POST images/{image_id}/threads/");

  const open = (threadId: string | null) => {
    setPin(null);
    setSearch(
      (now) => {
        if (threadId) now.set(PARAMETER, threadId);
        else now.delete(PARAMETER);
        return now;
      },
      { replace: true },
    );
  };
  const lookAt = useStable((at: ImagePoint) => stage.current?.lookAt(at));
  const onHint = (hint: string) => showHint(hint, keymap);
  const tellGone = useStable(() => {
    onHint("This thread was deleted.");
    open(null);
  });
  const [x, y] = [opened?.x, opened?.y];
  useEffect(() => {
    if (x !== undefined && y !== undefined) lookAt(imagePoint(x, y));
  }, [lookAt, openedId, x, y]);
  const isGone = openedId !== null && query.isSuccess && !query.isFetching && opened === null;
  useEffect(() => {
    if (isGone) tellGone();
  }, [isGone, tellGone]);

  /** Tries a change; what the server says is shown at once, the rest is asked for. */
  const changing = async <Answer>(change: Promise<Answer>): Promise<Answer> => {
    try {
      return await change;
    } catch (error) {
      if (isLoggedOut(error)) session.ended();
      throw error;
    } finally {
      await queryClient.invalidateQueries({ queryKey });
    }
  };
  const learn = (thread: Thread) =>
    queryClient.setQueryData<Thread[]>(queryKey, (now) => threadLearnt(now ?? [], thread));

  return {
    threads,
    listed,
    opened,
    pin,
    members: members.data ?? [],
    drafts,
    filter,
    setFilter,
    arePinsShown,
    setPinsShown,
    isListOpen,
    setListOpen,
    open,
    mayWrite,
    mayEdit: (authorId: number | undefined) =>
      authorId === me.id && mayChange(project, "PATCH comments/{comment_id}/", "own"),
    mayDelete: (authorId: number | undefined) =>
      mayChange(project, "DELETE comments/{comment_id}/", authorId === me.id ? "own" : "other"),
    /** Whether one may write; says so where not. */
    canBegin: (): boolean => {
      if (!mayWrite) onHint("Your role in this project reads comments and writes none.");
      return mayWrite;
    },
    /** A thread is to be written here, about the mask that is seen there. */
    placePin: (at: ImagePoint) => {
      const pixel = pixelAt(at, image);
      const mask = pixel && areSavedShown ? maskAt(state, pixel.x, pixel.y) : null;
      setPinsShown(true);
      setPin({ id: crypto.randomUUID(), at, mask: mask?.id ?? null });
    },
    /** Closes what is open. Returns whether something was. */
    close: (): boolean => {
      if (!pin && !openedId) return false;
      open(null);
      return true;
    },
    step: (step: 1 | -1) => {
      const next = threadAfter(listed, openedId, step);
      if (next) open(next.id);
      else onHint(filter === "open" ? "No thread is open on this image." : "This image has no threads.");
    },
    sendPin: async (text: string) => {
      if (!pin) return;
      const { id, at, mask } = pin;
      const made = await changing(
        api.createThread(me.id, image.id, { id, x: at.x, y: at.y, mask, text }).then((thread) => {
          learn(thread);
          return thread;
        }),
      );
      drafts.forget("new");
      open(made.id);
    },
    reply: async (thread: Thread, commentId: string, text: string) => {
      await changing(api.createComment(me.id, thread.id, { id: commentId, text }));
      drafts.forget(thread.id);
    },
    edit: async (commentId: string, text: string) => {
      await changing(api.editComment(me.id, commentId, text));
    },
    remove: (commentId: string) => changing(api.deleteComment(me.id, commentId)),
    setResolved: (thread: Thread, isResolved: boolean) =>
      changing(api.setResolved(me.id, thread.id, isResolved).then(learn)),
  };
}

export type Comments = ReturnType<typeof useComments>;
