import { describe, expect, it } from "vitest";
import { membersBegun, mentionAt, mentionCompleted, mentionPieces } from "./mentions";

const NAMES = new Set(["anna", "o.brien", "dot."]);
const mentioned = (text: string) =>
  mentionPieces(text, NAMES)
    .filter(({ isMention }) => isMention)
    .map((piece) => piece.text);

describe("a text with mentions", () => {
  it.each([
    ["@anna look", ["@anna"]],
    ["look, @anna.", ["@anna"]],
    ["(@anna, @o.brien!)", ["@anna", "@o.brien"]],
    ["@dot. @dot", ["@dot."]],
    ["@annalena @nobody mail@anna.org @ anna", []],
  ])("%s", (text, names) => {
    expect(mentioned(text)).toEqual(names);
  });

  it("loses nothing between its pieces", () => {
    for (const text of ["", "no", "@anna", "a @anna. b @o.brien@anna"])
      expect(
        mentionPieces(text, NAMES)
          .map((piece) => piece.text)
          .join(""),
      ).toBe(text);
  });
});

describe("a name being typed", () => {
  it.each([
    ["@", 1, { start: 0, begun: "" }],
    ["look @an", 8, { start: 5, begun: "an" }],
    ["look @anna there", 8, { start: 5, begun: "an" }],
    ["look @anna ", 11, null],
    ["mail@an", 7, null],
  ])("is found in %s at %i", (text, caret, found) => {
    expect(mentionAt(text, caret)).toEqual(found);
  });

  it("is completed with one space behind it", () => {
    expect(mentionCompleted("look @an", 5, 8, "anna")).toEqual({ text: "look @anna ", caret: 11 });
    expect(mentionCompleted("@an there", 0, 3, "anna")).toEqual({ text: "@anna there", caret: 6 });
  });

  it("offers members whose username or a word of whose name begins so", () => {
    const members = [
      { username: "anna", display_name: "Anna Berg" },
      { username: "bo", display_name: "Bo" },
      { username: "carl", display_name: "Carl Anders" },
    ];
    expect(membersBegun(members, "AN").map(({ username }) => username)).toEqual(["anna", "carl"]);
    expect(membersBegun(members, "", 2)).toHaveLength(2);
  });
});
