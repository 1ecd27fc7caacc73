import { createContext, useContext } from "react";
import type { Command } from "../../tools/commands";
import { DEFAULT_KEYMAP, keyTextOf, type Keymap, type KeyText } from "../../tools/keymap";

/** The keys as this person has them. */
export const KeymapContext = createContext<Keymap>(DEFAULT_KEYMAP);

/** The present first key of a command as people read it; empty when it has none. */
export function useKeyText(): KeyText {
  return keyTextOf(useContext(KeymapContext));
}

/** A label with the command's present key behind it: "Undo (Ctrl+Z)". */
export function useLabelWithKey(): (label: string, command: Command) => string {
  const keyText = useKeyText();
  return (label, command) => {
    const key = keyText(command);
    return key === "" ? label : `${label} (${key})`;
  };
}
