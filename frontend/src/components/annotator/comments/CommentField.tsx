import { Button, Group, Text, Textarea } from "@mantine/core";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { describeError } from "../../../api/errors";
import type { Membership } from "../../../api/types";
import { membersBegun, mentionAt, mentionCompleted } from "../../../state/mentions";

const MAX_TEXT = 5000;

interface Props {
  readonly label: string;
  readonly sendLabel: string;
  readonly initialText: string;
  readonly members: readonly Membership[];
  readonly hasFocus?: boolean;
  /** Told of every change, to be kept until it is sent. */
  readonly onText?: (text: string) => void;
  /** Sends it; what it throws is said, and the text stays. */
  readonly onSend: (text: string) => Promise<void>;
  readonly onCancel?: () => void;
}

/** A text with @-completion of members. Ctrl+Enter sends it. */
export function CommentField({ initialText, members, onText, onSend, onCancel, ...props }: Props) {
  const [text, setText] = useState(initialText);
  const [caret, setCaret] = useState(initialText.length);
  const [chosen, setChosen] = useState(0);
  const [isListClosed, setListClosed] = useState(false);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const name = mentionAt(text, caret);
  const found = name && !isListClosed ? membersBegun(members, name.begun) : [];

  const change = (now: string, at: number) => {
    setText(now);
    setCaret(at);
    setChosen(0);
    setListClosed(false);
    onText?.(now);
  };
  const complete = (username: string) => {
    if (!name) return;
    const done = mentionCompleted(text, name.start, caret, username);
    change(done.text, done.caret);
    // After the field has the new text, which puts the caret at its end.
    requestAnimationFrame(() => field.current?.setSelectionRange(done.caret, done.caret));
  };
  const send = async () => {
    if (text.trim() === "" || isSending) return;
    setSending(true);
    setProblem(null);
    try {
      await onSend(text);
      setText("");
      setCaret(0);
    } catch (error) {
      setProblem(describeError(error).message);
    } finally {
      setSending(false);
    }
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
    else if (found.length > 0 && (event.key === "Enter" || event.key === "Tab"))
      complete(found[Math.min(chosen, found.length - 1)]!.username);
    else if (found.length > 0 && event.key === "ArrowDown") setChosen((chosen + 1) % found.length);
    else if (found.length > 0 && event.key === "ArrowUp")
      setChosen((chosen + found.length - 1) % found.length);
    else if (found.length > 0 && event.key === "Escape") {
      setListClosed(true);
      event.stopPropagation();
    } else if (event.key === "Escape" && onCancel) {
      event.stopPropagation();
      onCancel();
    } else return;
    event.preventDefault();
  };

  return (
    <div className="comment-field">
      <Textarea
        ref={field}
        size="xs"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={MAX_TEXT}
        aria-label={props.label}
        placeholder="Write a comment; @ mentions somebody"
        value={text}
        data-autofocus={props.hasFocus}
        aria-autocomplete="list"
        {...(found.length > 0
          ? { "aria-controls": listId, "aria-activedescendant": `${listId}-${chosen}` }
          : {})}
        onChange={({ currentTarget }) => change(currentTarget.value, currentTarget.selectionStart)}
        onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
        onBlur={() => setListClosed(true)}
        onFocus={() => setListClosed(false)}
        onKeyDown={onKey}
        data-testid="comment-text"
      />
      {found.length > 0 && (
        <ul
          className="mention-list"
          role="listbox"
          id={listId}
          aria-label="Members"
          data-testid="mention-list"
        >
          {found.map((member, index) => (
            <li
              key={member.user_id}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === chosen}
              // The field keeps the keyboard.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => complete(member.username)}
            >
              {member.display_name} <span className="faint">@{member.username}</span>
            </li>
          ))}
        </ul>
      )}
      {problem && (
        <Text size="xs" className="comment-problem" role="alert" mt={4} data-testid="comment-problem">
          Not sent: {problem}
        </Text>
      )}
      <Group justify="flex-end" gap="xs" mt={6}>
        {onCancel && (
          <Button size="compact-xs" variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button
          size="compact-xs"
          loading={isSending}
          disabled={text.trim() === ""}
          onClick={() => void send()}
          data-testid="comment-send"
        >
          {props.sendLabel}
        </Button>
      </Group>
    </div>
  );
}
