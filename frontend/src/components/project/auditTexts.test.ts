import { expect, it } from "vitest";
import { auditText } from "./auditTexts";

it("tells in words what somebody did", () => {
  const told = [
    ["project.changed", "Dogs", { changed: { name: ["Cats", "Dogs"] }, rewritten: ["guidelines"] }],
    ["label.changed", "cat", { changed: { supercategory: ["", "animal"] } }],
    ["label.attributes_changed", "cat", { before: [], after: [{ name: "legs" }, { name: "fur" }] }],
    [
      "project.privacy_changed",
      "Dogs",
      { changed: { faces: [false, true], originals: ["keep", "destroy"] } },
    ],
    ["image.original_fetched", "a.png", { image_id: 3 }],
    ["invitation.made", "", { role: "viewer" }],
    ["images.uploaded", "a.png", { created: 1 }],
    ["images.uploaded", "a.png", { created: 1200 }],
    [
      "work.assigned",
      "",
      {
        given: [
          { name: "Bob", count: 3 },
          { name: null, count: 1 },
        ],
      },
    ],
    ["work.rejected", "a.png", { reason: "a hole" }],
  ] as const;
  expect(told.map(([action, subject, data]) => auditText({ action, subject, data: { ...data } }))).toEqual([
    "changed the project: name: Cats became Dogs; guidelines rewritten",
    "changed the label cat: supercategory: nothing became animal",
    "changed the attributes of cat: none became legs, fur",
    "changed what is blurred in new images: faces: off became on; originals: keep became destroy",
    "fetched the original of a.png",
    "invited somebody as viewer",
    "added the image a.png",
    "added 1,200 images, a.png the first",
    "assigned images: 3 to Bob, 1 to everybody",
    "rejected a.png: a hole",
  ]);
});

it("tells what it does not know by its name", () => {
  expect(auditText({ action: "robot.built", subject: "R2", data: {} })).toBe("robot.built: R2");
  expect(auditText({ action: "robot.built", subject: "", data: {} })).toBe("robot.built");
});
