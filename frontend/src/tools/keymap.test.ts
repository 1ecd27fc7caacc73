import { describe, expect, it } from "vitest";
import { BINDINGS, commandOf, type Key } from "./keymap";

describe("the keys", () => {
  const key = (name: string, rest: Partial<Key> = {}): Key => ({
    key: name,
    code: "",
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...rest,
  });

  it("mean what the map says", () => {
    expect(commandOf(key("z", { ctrlKey: true }))).toEqual({ name: "undo" });
    expect(commandOf(key("Z", { metaKey: true, shiftKey: true }))).toEqual({ name: "redo" });
    expect(commandOf(key("Tab", { shiftKey: true }))).toEqual({ name: "previousCandidate" });
    expect(commandOf(key("!", { shiftKey: true, code: "Digit1" }))).toEqual({
      name: "candidate",
      index: 0,
    });
    expect(commandOf(key("3"))).toEqual({ name: "label", index: 2 });
    expect(commandOf(key("?", { shiftKey: true }))).toEqual({ name: "showKeys" });
    expect(commandOf(key("n"))).toEqual({ name: "nextImage" });
    expect(commandOf(key("N", { shiftKey: true }))).toEqual({ name: "previousImage" });
    expect(commandOf(key("F", { shiftKey: true }))).toEqual({ name: "operate", operation: "fillHoles" });
    expect(commandOf(key("."))).toEqual({ name: "operate", operation: "grow" });
    expect(commandOf(key("f"))).toEqual({ name: "fit" });
    expect(commandOf(key("p"))).toEqual({ name: "tool", tool: "polygon" });
  });

  it("leave the browser's own alone", () => {
    expect(commandOf(key("f", { ctrlKey: true }))).toBeNull();
    expect(commandOf(key("ArrowLeft", { altKey: true }))).toBeNull();
    expect(commandOf(key("x"))).toBeNull();
  });

  it("are all in the map that is shown", () => {
    const shown = new Set(BINDINGS.map((binding) => binding.command));
    for (const name of [
      "Enter",
      "Escape",
      "Delete",
      "Tab",
      "c",
      "f",
      "0",
      "1",
      "n",
      "m",
      "[",
      "]",
      "?",
      "+",
      "-",
    ]) {
      expect(shown.has(commandOf(key(name))!.name)).toBe(true);
    }
  });
});
