import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { describeError } from "../../api/errors";
import type { Thread } from "../../api/types";
import { CommentField } from "../../components/annotator/comments/CommentField";
import { CommentItem } from "../../components/annotator/comments/CommentItem";
import { Pins } from "../../components/annotator/comments/Pins";
import { ThreadBox } from "../../components/annotator/comments/ThreadBox";
import { imagePoint } from "../../geometry/points";
import type { Size } from "../../geometry/size";
import type { Viewport } from "../../geometry/viewport";
import { isOpen } from "../../state/threads";
import type { Comments } from "./useComments";

interface Props {
  readonly comments: Comments;
  readonly viewport: Viewport;
  readonly room: Size;
}

/** What was said of the image, over it: pins, and the thread that is open or being written. */
export function StageComments({ comments, viewport, room }: Props) {
  const { opened, pin, drafts } = comments;
  const where = { viewport, room, onClose: () => void comments.close() };
  return (
    <>
      {comments.arePinsShown && (
        <Pins
          threads={comments.listed}
          openedId={opened?.id ?? null}
          newAt={pin?.at ?? null}
          viewport={viewport}
          room={room}
          onOpen={(id) => comments.open(id === opened?.id ? null : id)}
        />
      )}
      {pin && (
        <ThreadBox
          key={pin.id}
          {...where}
          at={pin.at}
          title={pin.mask ? "New thread on a mask" : "New thread"}
        >
          <CommentField
            label="Comment"
            sendLabel="Comment"
            initialText={drafts.of("new").text}
            members={comments.members}
            hasFocus
            onText={(text) => drafts.keep("new", { id: pin.id, text })}
            onSend={comments.sendPin}
          />
        </ThreadBox>
      )}
      {opened && <OpenedThread key={opened.id} {...where} comments={comments} thread={opened} />}
    </>
  );
}

function OpenedThread({
  comments,
  thread,
  ...where
}: Props & { readonly thread: Thread; readonly onClose: () => void }) {
  const { drafts } = comments;
  const [draft, setDraft] = useState(() => drafts.of(thread.id));
  const failed = (error: unknown) =>
    notifications.show({
      color: "orange",
      title: "Nothing was changed",
      message: describeError(error).message,
    });
  const confirmRemoval = (commentId: string) =>
    modals.openConfirmModal({
      title: "Delete this comment?",
      children: "Its text cannot be brought back.",
      labels: { confirm: "Delete", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => void comments.remove(commentId).catch(failed),
    });
  return (
    <ThreadBox
      {...where}
      at={imagePoint(thread.x, thread.y)}
      title={`Thread ${thread.number}${isOpen(thread) ? "" : ", resolved"}`}
      onStep={comments.step}
      {...(comments.mayWrite
        ? {
            resolving: {
              isResolved: !isOpen(thread),
              onToggle: () => void comments.setResolved(thread, isOpen(thread)).catch(failed),
            },
          }
        : {})}
    >
      <ul className="thread-comments" tabIndex={0} aria-label="Comments">
        {thread.comments.map((comment) => (
          <CommentItem
            key={comment.id}
            comment={comment}
            members={comments.members}
            canEdit={comments.mayEdit(comment.author?.id)}
            canDelete={comments.mayDelete(comment.author?.id)}
            onEdit={(text) => comments.edit(comment.id, text)}
            onDelete={() => confirmRemoval(comment.id)}
          />
        ))}
      </ul>
      {comments.mayWrite && (
        <CommentField
          label="Reply"
          sendLabel="Reply"
          initialText={draft.text}
          members={comments.members}
          hasFocus
          onText={(text) => drafts.keep(thread.id, { id: draft.id, text })}
          onSend={async (text) => {
            await comments.reply(thread, draft.id, text);
            setDraft(drafts.of(thread.id));
          }}
        />
      )}
    </ThreadBox>
  );
}
