import { useMemo, type ReactNode } from "react";
import { WorkControls } from "../../components/annotator/WorkControls";
import { ThreadMenu } from "../../components/annotator/comments/ThreadMenu";
import { useStable } from "../../components/common/useStable";
import type { Command } from "../../tools/commands";
import { NotificationBell } from "../NotificationBell";
import type { Comments } from "./useComments";
import type { ImageWork } from "./useWork";

/**
 * What the bar holds besides its own buttons: how far the image is, what people said, how it is looked at. The same element
 * as long as none of it changes: the bar has some thirty buttons, and the page is drawn anew wherever the pointer moves.
 */
export function useBarTools(
  imageWork: ImageWork,
  comments: Comments,
  viewMenu: ReactNode,
  onCommand: (command: Command) => void,
): ReactNode {
  const { work, steps, isBusy } = imageWork;
  const { threads, filter, setFilter, arePinsShown, setPinsShown, isListOpen } = comments;
  const openedId = comments.opened?.id ?? null;
  const withdraw = useStable(() => imageWork.run("withdraw"));
  const hide = useStable(() => comments.setListOpen(false));
  const open = useStable((threadId: string) => {
    comments.setListOpen(false);
    comments.open(threadId);
  });
  const workControls = useMemo(
    () => (
      <WorkControls work={work} steps={steps} isBusy={isBusy} onCommand={onCommand} onWithdraw={withdraw} />
    ),
    [work, steps, isBusy, onCommand, withdraw],
  );
  const threadMenu = useMemo(
    () => (
      <ThreadMenu
        isOpened={isListOpen}
        threads={threads}
        openedId={openedId}
        filter={filter}
        arePinsShown={arePinsShown}
        onFilter={setFilter}
        onPinsShown={setPinsShown}
        onOpen={open}
        onCommand={onCommand}
        onClose={hide}
      />
    ),
    [isListOpen, threads, openedId, filter, arePinsShown, setFilter, setPinsShown, open, onCommand, hide],
  );
  return useMemo(
    () => (
      <>
        {workControls}
        {threadMenu}
        <NotificationBell />
        {viewMenu}
      </>
    ),
    [workControls, threadMenu, viewMenu],
  );
}
