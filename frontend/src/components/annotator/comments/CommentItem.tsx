import { ActionIcon, Group, Text } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Comment, Membership } from "../../../api/types";
import { mentionPieces } from "../../../state/mentions";
import { sinceWhen } from "../../common/formats";
import { tooltip } from "../../common/tooltip";
import { CommentField } from "./CommentField";

interface Props {
  readonly comment: Comment;
  readonly members: readonly Membership[];
  readonly canEdit: boolean;
  readonly canDelete: boolean;
  readonly onEdit: (text: string) => Promise<void>;
  readonly onDelete: () => void;
}

/** One comment with who wrote it and when; of a deleted one only that it was there. */
export function CommentItem({ comment, members, canEdit, canDelete, onEdit, onDelete }: Props) {
  const [isEdited, setEdited] = useState(false);
  const { author, created_at, edited_at, deleted_at } = comment;
  const who = author?.display_name ?? "Somebody who left";
  if (deleted_at !== null)
    return (
      <Text component="li" size="xs" className="faint" fs="italic" data-testid="comment-deleted">
        {who}: deleted
      </Text>
    );
  return (
    <li data-testid="comment">
      <Group gap={6} wrap="nowrap" justify="space-between">
        <Text size="xs" fw={600} truncate>
          {who}{" "}
          <Text span size="xs" fw={400} className="faint">
            {sinceWhen(new Date(created_at), new Date())}
            {edited_at && ", edited"}
          </Text>
        </Text>
        {!isEdited && (canEdit || canDelete) && (
          <Group gap={2} wrap="nowrap">
            {canEdit && (
              <ActionIcon
                {...tooltip("Edit")}
                aria-label={`Edit the comment of ${who}`}
                size="xs"
                variant="subtle"
                color="gray"
                onClick={() => setEdited(true)}
                data-testid="comment-edit"
              >
                <IconPencil size={13} />
              </ActionIcon>
            )}
            {canDelete && (
              <ActionIcon
                {...tooltip("Delete")}
                aria-label={`Delete the comment of ${who}`}
                size="xs"
                variant="subtle"
                color="gray"
                onClick={onDelete}
                data-testid="comment-delete"
              >
                <IconTrash size={13} />
              </ActionIcon>
            )}
          </Group>
        )}
      </Group>
      {isEdited ? (
        <CommentField
          label="Change the comment"
          sendLabel="Save"
          initialText={comment.text}
          members={members}
          onSend={async (text) => {
            await onEdit(text);
            setEdited(false);
          }}
          onCancel={() => setEdited(false)}
        />
      ) : (
        <CommentText comment={comment} />
      )}
    </li>
  );
}

function CommentText({ comment }: { readonly comment: Comment }) {
  const usernames = new Set(comment.mentions.map(({ username }) => username));
  return (
    <Text size="sm" className="comment-text">
      {mentionPieces(comment.text, usernames).map(({ text, isMention }, index) =>
        isMention ? (
          <span key={index} className="mention">
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </Text>
  );
}
