import { Autocomplete, Button, CloseButton, Group, Loader, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { tooltip } from "../common/tooltip";
import { useLabelWithKey } from "./KeymapContext";

interface Props {
  /** The words that the model has learned, for suggestions. */
  readonly vocabulary: readonly string[];
  /** The word that waits for its answer; null while one may be typed. */
  readonly asked: string | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly onAsk: (word: string) => void;
  readonly onClose: () => void;
  /** The field has gone, and the keyboard is nowhere. */
  readonly onLeft: () => void;
}

/** More are found by typing on. */
const SUGGESTIONS = 8;

/** A word to find masks with: Enter asks, Escape leaves. */
export function WordField({ vocabulary, asked, failure, onAsk, onClose, onLeft }: Props) {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const closeLabel = useLabelWithKey()("Close", { name: "cancel" });
  useEffect(() => {
    field.current?.focus();
    return () => {
      // Enter right after the answer saves the mask: whoever typed is at the stage then.
      if (document.activeElement === document.body) onLeft();
    };
  }, [onLeft]);
  const isWaiting = asked !== null;
  return (
    <div
      className="word-field"
      role="dialog"
      aria-label="Ask with a word"
      aria-busy={isWaiting}
      data-testid="word-field"
      data-asked={asked ?? ""}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <Group
        component="form"
        gap={6}
        wrap="nowrap"
        align="flex-end"
        onSubmit={(event) => {
          event.preventDefault();
          onAsk(text);
        }}
      >
        <Autocomplete
          ref={field}
          flex={1}
          size="xs"
          label="Word"
          placeholder="dog"
          data={[...vocabulary]}
          limit={SUGGESTIONS}
          maxLength={100}
          value={text}
          onChange={setText}
          onOptionSubmit={onAsk}
          readOnly={isWaiting}
          rightSection={isWaiting ? <Loader size={14} /> : null}
          autoComplete="off"
          spellCheck={false}
          data-testid="word-input"
        />
        <Button size="xs" type="submit" disabled={isWaiting || text.trim() === ""} data-testid="word-find">
          Find
        </Button>
        <CloseButton
          {...tooltip(closeLabel)}
          size="md"
          aria-label={closeLabel}
          data-testid="word-close"
          onClick={onClose}
        />
      </Group>
      {failure && (
        <Text role="alert" size="xs" mt={6} c="var(--app-warning)" data-testid="word-failure">
          {failure.message} ({failure.code})
        </Text>
      )}
      <Text role="status" size="xs" mt={isWaiting ? 6 : 0} className="faint" data-testid="word-status">
        {isWaiting ? `Looking for “${asked}”…` : ""}
      </Text>
    </div>
  );
}
