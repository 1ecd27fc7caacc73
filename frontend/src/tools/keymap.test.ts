import { describe, expect, it } from "vitest";
import { BINDINGS, commandId } from "./commands";
import {
  comboOf,
  comboText,
  commandOf,
  DEFAULT_KEYMAP,
  hintText,
  isReserved,
  keymapWith,
  keysOf,
  keyTextOf,
  readKeyChanges,
  withKeys,
  withoutChange,
  type Key,
} from "./keymap";

const key = (name: string, rest: Partial<Key> = {}): Key => ({
  key: name,
  code: "",
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...rest,
});

describe("the keys", () => {
  it("mean what the map says", () => {
    expect(commandOf(key("z", { ctrlKey: true }))).toEqual({ name: "undo" });
    expect(commandOf(key("Z", { metaKey: true, shiftKey: true }))).toEqual({ name: "redo" });
    expect(commandOf(key("Tab", { shiftKey: true }))).toEqual({ name: "previousCandidate" });
    expect(commandOf(key("!", { shiftKey: true, code: "Digit1" }))).toEqual({ name: "candidate", index: 0 });
    expect(commandOf(key("/", { shiftKey: true, code: "Digit7" }))).toEqual({ name: "searchObjects" });
    expect(commandOf(key("3"))).toEqual({ name: "label", index: 2 });
    expect(commandOf(key("?", { shiftKey: true }))).toEqual({ name: "showKeys" });
    expect(commandOf(key("n"))).toEqual({ name: "nextImage" });
    expect(commandOf(key("N", { shiftKey: true }))).toEqual({ name: "previousImage" });
    expect(commandOf(key("F", { shiftKey: true }))).toEqual({ name: "operate", operation: "fillHoles" });
    expect(commandOf(key("."))).toEqual({ name: "operate", operation: "grow" });
    expect(commandOf(key("f"))).toEqual({ name: "fit" });
    expect(commandOf(key("p"))).toEqual({ name: "tool", tool: "polygon" });
    expect(commandOf(key("+", { shiftKey: true }))).toEqual({ name: "zoomIn" });
  });

  it("leave the browser's own alone", () => {
    expect(commandOf(key("f", { ctrlKey: true }))).toBeNull();
    expect(commandOf(key("ArrowLeft", { altKey: true }))).toBeNull();
    expect(commandOf(key("Shift", { shiftKey: true }))).toBeNull();
    expect(commandOf(key("F5"))).toBeNull();
  });

  it("give up a gesture that Shift or Alt is held for", () => {
    expect(commandOf(key("Escape", { shiftKey: true }))).toEqual({ name: "cancel" });
    expect(commandOf(key("Escape", { altKey: true }))).toEqual({ name: "cancel" });
    expect(comboOf(key("Escape", { shiftKey: true }))).toBe("Shift+Escape");
    const solo = keymapWith({ solo: ["Shift+Escape"] });
    expect(commandOf(key("Escape", { shiftKey: true }), solo)).toEqual({ name: "solo" });
  });

  it("work on a keyboard of another script, by place", () => {
    expect(commandOf(key("т", { code: "KeyN" }))).toEqual({ name: "nextImage" });
    expect(commandOf(key("я", { code: "KeyZ", ctrlKey: true }))).toEqual({ name: "undo" });
  });

  it("each have one command, and each command a key and a name", () => {
    const combos = BINDINGS.flatMap(({ keys }) => keys);
    expect(combos.filter((combo, index) => combos.indexOf(combo) !== index)).toEqual([]);
    expect(combos.filter(isReserved)).toEqual([]);
    const ids = BINDINGS.map(({ command }) => commandId(command));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { keys, description } of BINDINGS) {
      expect(keys.length).toBeGreaterThan(0);
      expect(description).not.toBe("");
    }
  });

  it("can be read", () => {
    expect(["Ctrl+Shift+Z", "+", "Ctrl++", "ArrowLeft"].map(comboText)).toEqual([
      "Ctrl+Shift+Z",
      "+",
      "Ctrl++",
      "←",
    ]);
  });
});

describe("keys of one's own", () => {
  const undo = { name: "undo" } as const;
  const brush = { name: "tool", tool: "brush" } as const;

  it("are recorded as they are typed", () => {
    expect(comboOf(key("k"))).toBe("K");
    expect(comboOf(key("K", { shiftKey: true, altKey: true }))).toBe("Alt+Shift+K");
    expect(comboOf(key("!", { shiftKey: true, code: "Digit1" }))).toBe("Shift+1");
    expect(comboOf(key("Control", { ctrlKey: true }))).toBeNull();
    expect(isReserved(comboOf(key(" "))!)).toBe(true);
  });

  it("take the place of the usual ones, and are taken from other commands", () => {
    const changes = withKeys({}, undo, ["B", "U"]);
    const keymap = keymapWith(changes);
    expect(commandOf(key("b"), keymap)).toEqual(undo);
    expect(commandOf(key("z", { ctrlKey: true }), keymap)).toBeNull();
    expect(keysOf(keymap, brush)).toEqual([]);
    // The brush can be given another key, and its own again.
    const more = withKeys(changes, brush, ["K"]);
    expect(keysOf(keymapWith(more), brush)).toEqual(["K"]);
    expect(keysOf(keymapWith(withKeys(more, brush, ["B"])), undo)).toEqual(["U"]);
  });

  it("go back to the usual ones, one by one or all", () => {
    const changes = withKeys({}, undo, ["U"]);
    expect(keysOf(keymapWith(withoutChange(changes, undo)), undo)).toEqual(["Ctrl+Z"]);
    expect(keymapWith({})).toEqual(DEFAULT_KEYMAP);
    const taken = withKeys({}, undo, ["B"]);
    const back = withoutChange(withoutChange(taken, brush), undo);
    expect(keysOf(keymapWith(back), brush)).toEqual(["B"]);
  });

  it("survive a broken memory and commands that are gone", () => {
    expect(readKeyChanges(null)).toEqual({});
    expect(readKeyChanges({ undo: "U", redo: [1], gone: ["G"], fit: ["K"] })).toEqual({ fit: ["K"] });
  });
});

describe("what is said of keys", () => {
  const accept = { name: "accept" } as const;

  it("is said with the keys the person has", () => {
    const hint = (keyText: (command: typeof accept) => string) => `${keyText(accept) || "The button"} saves.`;
    expect(hintText(hint, DEFAULT_KEYMAP)).toBe("Enter saves.");
    expect(hintText(hint, keymapWith({ accept: ["Ctrl+ArrowLeft"] }))).toBe("Ctrl+← saves.");
    expect(hintText(hint, keymapWith({ accept: [] }))).toBe("The button saves.");
    expect(hintText("Nothing here.", DEFAULT_KEYMAP)).toBe("Nothing here.");
    expect(keyTextOf(DEFAULT_KEYMAP)({ name: "cancel" })).toBe("Esc");
  });

  it("is not part of what a command does: the keys stand beside it", () => {
    const named = BINDINGS.flatMap(({ keys }) => keys).filter((combo) => combo.length > 2);
    const fixed = BINDINGS.filter(({ description }) => named.some((combo) => description.includes(combo)));
    expect(fixed).toEqual([]);
  });
});
