import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { indexMask } from "../masks/columns";
import { EMPTY_DRAFT, type SavedMask } from "../state/annotation";
import type { ChangeSet } from "../state/history";
import { testMask } from "../state/testSaving";
import { DatabaseDoor } from "./database";
import { forgetHistoriesOf, ImageHistory } from "./histories";

const step = (before: SavedMask | null, after: SavedMask | null): ChangeSet => ({
  masks: [{ id: "a", before, after }],
  draft: null,
  rejections: [],
});
const labels = (steps: readonly ChangeSet[]) => steps.map(({ masks }) => masks[0]!.after?.labelId ?? null);
/** A history as the next visit reads it. */
const visited = (imageId = 7, ownerId = 1) => new ImageHistory(new DatabaseDoor(), ownerId, imageId);

describe("the undo history across visits", () => {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
  });

  it("is what was saved last, without drafts", async () => {
    const history = visited();
    const first = step(null, testMask("a", 1));
    const draftOnly = { masks: [], draft: { before: EMPTY_DRAFT, after: EMPTY_DRAFT }, rejections: [] };
    history.save({ done: [first], undone: [] });
    const second = { ...step(testMask("a", 1), testMask("a", 2)), draft: draftOnly.draft };
    history.save({ done: [first, draftOnly, second], undone: [step(testMask("a", 2), null)] });
    await vi.waitFor(async () => {
      const { done, undone } = await visited().load();
      expect(labels(done)).toEqual([1, 2]);
      expect(done.every(({ draft }) => draft === null)).toBe(true);
      expect(labels(undone)).toEqual([null]);
    });
    expect(await visited(8).load()).toEqual({ done: [], undone: [] });
    expect(await visited(7, 2).load()).toEqual({ done: [], undone: [] });
  });

  it("writes a step once, and forgets those that are gone", async () => {
    const door = new DatabaseDoor();
    const history = new ImageHistory(door, 1, 7);
    const steps = [1, 2, 3].map((label) => step(null, testMask("a", label)));
    history.save({ done: steps, undone: [] });
    await vi.waitFor(async () => expect(labels((await visited().load()).done)).toEqual([1, 2, 3]));
    const put = vi.spyOn(IDBObjectStore.prototype, "put");
    history.save({ done: steps.slice(0, 2), undone: [] });
    await vi.waitFor(async () => expect(labels((await visited().load()).done)).toEqual([1, 2]));
    expect(put).toHaveBeenCalledOnce();
    expect(await (await door.open()).count("steps")).toBe(2);
  });

  it("goes on from what was read without writing it again", async () => {
    visited().save({ done: [step(null, testMask("a", 1))], undone: [] });
    await vi.waitFor(async () => expect((await visited().load()).done).toHaveLength(1));
    const again = visited();
    const { done } = await again.load();
    again.save({ done: [...done, step(testMask("a", 1), testMask("a", 2))], undone: [] });
    await vi.waitFor(async () => expect(labels((await visited().load()).done)).toEqual([1, 2]));
    expect(await (await new DatabaseDoor().open()).count("steps")).toBe(2);
  });

  it("is bounded in steps, in size and in images", async () => {
    const limits = { steps: 3, characters: 20, images: 2 };
    const limited = (image: number) => new ImageHistory(new DatabaseDoor(), 1, image, limits);
    const many = [1, 2, 3, 4, 5].map((label) => step(null, testMask("a", label)));
    limited(7).save({ done: many, undone: [] });
    await vi.waitFor(async () => expect(labels((await visited().load()).done)).toEqual([3, 4, 5]));

    const noise = { size: { height: 4, width: 4 }, counts: Uint32Array.from({ length: 16 }, () => 1) };
    const large = { ...testMask("a", 8), mask: indexMask(noise) };
    limited(8).save({
      done: [step(null, large), step(null, large), step(null, testMask("a", 9))],
      undone: [],
    });
    await vi.waitFor(async () => expect(labels((await visited(8).load()).done)).toEqual([8, 9]));

    limited(9).save({ done: many, undone: [] });
    const count = async (table: "histories" | "steps") => (await new DatabaseDoor().open()).count(table);
    await vi.waitFor(async () => expect(await count("histories")).toBe(2));
    expect((await visited().load()).done).toEqual([]);
    expect(await count("steps")).toBe(5);
  });

  it("keeps the runs of a mask that only says something else once, and counts what it read", async () => {
    const noise = { size: { height: 4, width: 4 }, counts: Uint32Array.from({ length: 16 }, () => 1) };
    const mask = indexMask(noise);
    const relabelled = (from: number) =>
      step({ ...testMask("a", from), mask }, { ...testMask("a", from + 1), mask });
    // 16 characters each, and not 32.
    const limits = { steps: 9, characters: 32, images: 9 };
    const bounded = () => new ImageHistory(new DatabaseDoor(), 1, 7, limits);
    bounded().save({ done: [relabelled(1), relabelled(2)], undone: [] });
    await vi.waitFor(async () => expect(labels((await visited().load()).done)).toEqual([2, 3]));
    const again = bounded();
    const { done } = await again.load();
    const [{ before, after }] = done[0]!.masks as [ChangeSet["masks"][number]];
    expect(after!.mask).toBe(before!.mask);
    expect(after!.mask.rle).toEqual(noise);
    again.save({ done: [...done, relabelled(3)], undone: [] });
    await vi.waitFor(async () => expect(labels((await visited().load()).done)).toEqual([3, 4]));
  });

  it("is forgotten for one person, and stays for the others", async () => {
    const save = (image: number, owner: number) =>
      visited(image, owner).save({ done: [step(null, testMask("a", owner))], undone: [] });
    save(7, 1);
    save(8, 1);
    save(7, 2);
    const count = async (table: "histories" | "steps") => (await new DatabaseDoor().open()).count(table);
    await vi.waitFor(async () => expect(await count("histories")).toBe(3));
    await forgetHistoriesOf(new DatabaseDoor(), 1);
    expect(await count("histories")).toBe(1);
    expect(await count("steps")).toBe(1);
    expect((await visited(7, 1).load()).done).toEqual([]);
    expect(labels((await visited(7, 2).load()).done)).toEqual([2]);
  });

  it("is empty, and saving it harmless, where there is no database", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    visited().save({ done: [step(null, testMask("a"))], undone: [] });
    expect(await visited().load()).toEqual({ done: [], undone: [] });
  });
});
