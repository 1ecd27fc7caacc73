import { ThreadMenu } from "../../components/annotator/comments/ThreadMenu";
import { useStable } from "../../components/common/useStable";
import type { Command } from "../../tools/commands";
import { NotificationBell } from "../NotificationBell";
import type { Comments } from "./useComments";

interface Props {
  readonly comments: Comments;
  readonly onCommand: (command: Command) => void;
}

/** What people said, in the bar: the list of threads and the bell. */
export function BarComments({ comments, onCommand }: Props) {
  const hide = useStable(() => comments.setListOpen(false));
  const open = useStable((threadId: string) => {
    comments.setListOpen(false);
    comments.open(threadId);
  });
  return (
    <>
      <ThreadMenu
        isOpened={comments.isListOpen}
        threads={comments.threads}
        openedId={comments.opened?.id ?? null}
        filter={comments.filter}
        arePinsShown={comments.arePinsShown}
        onFilter={comments.setFilter}
        onPinsShown={comments.setPinsShown}
        onOpen={open}
        onCommand={onCommand}
        onClose={hide}
      />
      <NotificationBell />
    </>
  );
}
