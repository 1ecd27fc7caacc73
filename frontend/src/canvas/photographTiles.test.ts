import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  levelFor,
  photographTiles,
  PHOTOGRAPH_TILE,
  PhotographTiles,
  type PhotographTile,
} from "./photographTiles";

const IMAGE = { height: 6000, width: 8000 };
const VIEW = { height: 900, width: 1400 };
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("the tiles of a photograph", () => {
  it("have at least a pixel per device pixel, and less than two each way", () => {
    expect([2, 1, 0.9, 0.5, 0.4, 0.25, 0.1].map(levelFor)).toEqual([0, 0, 0, 1, 1, 2, 3]);
  });

  it("cover all of the photograph that is seen, and nothing beyond the photograph", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 8, noNaN: true }),
        fc.integer({ min: -3000, max: 1000 }),
        fc.integer({ min: -3000, max: 800 }),
        fc.integer({ min: 0, max: VIEW.width - 1 }),
        fc.integer({ min: 0, max: VIEW.height - 1 }),
        (scale, left, top, column, row) => {
          const tiles = photographTiles(IMAGE, { scale, left, top }, VIEW);
          const [x, y] = [(column + 0.5 - left) / scale, (row + 0.5 - top) / scale];
          const isOnImage = x >= 0 && y >= 0 && x < IMAGE.width && y < IMAGE.height;
          const holding = tiles.filter(
            (tile) =>
              x >= tile.left && y >= tile.top && x < tile.left + tile.width && y < tile.top + tile.height,
          );
          expect(holding).toHaveLength(isOnImage ? 1 : 0);
          expect(tiles.length).toBeLessThan(40);
        },
      ),
    );
  });

  it("begin in the middle of the view", () => {
    const [first] = photographTiles(IMAGE, { scale: 1, left: -3000, top: -2000 }, VIEW);
    expect(Math.abs(first!.left + PHOTOGRAPH_TILE / 2 - 3700)).toBeLessThanOrEqual(PHOTOGRAPH_TILE / 2);
  });
});

describe("loading tiles", () => {
  const tile = (key: string, level = 0): PhotographTile => ({
    key,
    level,
    left: 0,
    top: 0,
    width: 1,
    height: 1,
  });

  function setUp() {
    const asked: string[] = [];
    const answers: { resolve: (picture: string) => void; reject: (error: Error) => void }[] = [];
    let shown: string[] = [];
    const freed: string[] = [];
    const tiles = new PhotographTiles<string>(
      ({ key }) => {
        asked.push(key);
        return new Promise((resolve, reject) => answers.push({ resolve, reject }));
      },
      (all) => (shown = all.map(({ picture }) => picture)),
      (picture) => freed.push(picture),
    );
    const answer = async (picture: string) => {
      answers.shift()?.resolve(picture);
      await settled();
    };
    return { asked, answers, tiles, answer, freed, shown: () => shown };
  }

  it("asks for one at a time, and never for what is no longer wanted", async () => {
    const { asked, tiles, answer, shown } = setUp();
    tiles.want([tile("a"), tile("b"), tile("c")]);
    tiles.want([tile("c")]);
    expect(asked).toEqual(["a"]);
    await answer("A");
    expect(asked).toEqual(["a", "c"]);
    await answer("C");
    expect(shown()).toEqual(["A", "C"]);
  });

  it("shows coarse tiles under fine ones and leaves out what is finer than needed", async () => {
    const { tiles, answer, shown } = setUp();
    tiles.want([tile("fine", 0)]);
    await answer("fine");
    tiles.want([tile("coarse", 2)]);
    expect(shown()).toEqual([]);
    await answer("coarse");
    expect(shown()).toEqual(["coarse"]);
    tiles.want([tile("fine", 0)]);
    expect(shown()).toEqual(["coarse", "fine"]);
  });

  it("keeps a bounded number of them, those seen last", async () => {
    const { asked, tiles, answer } = setUp();
    for (let index = 0; index < 100; index++) {
      tiles.want([tile(`${index}`)]);
      await answer("");
    }
    tiles.want([tile("99"), tile("0")]);
    expect(asked).toHaveLength(101);
    expect(asked[100]).toBe("0");
  });

  it("loads each tile of a screen once, however many it wants, and lets the rest go", async () => {
    const asked: string[] = [];
    let loaded: string[] = [];
    let complete = false;
    let freed = 0;
    const tiles = new PhotographTiles<string>(
      ({ key }) => {
        // Ends an endless loop, so that it is a failure and no test that hangs.
        if (asked.push(key) > 500) return Promise.reject(new Error("asked too often"));
        return Promise.resolve(key);
      },
      (all, isComplete) => {
        loaded = all.map(({ picture }) => picture);
        complete = isComplete;
      },
      () => (freed += 1),
    );
    const screen = (name: string) => Array.from({ length: 135 }, (_, index) => tile(`${name}${index}`));
    tiles.want(screen("first "));
    await settled();
    expect(asked).toHaveLength(135);
    expect(complete).toBe(true);
    tiles.want(screen("second "));
    await settled();
    expect(asked).toHaveLength(270);
    expect(complete).toBe(true);
    expect(loaded).toHaveLength(135);
    expect(freed).toBe(135);
  });

  it("frees all of them in the end, also one that comes later", async () => {
    const { tiles, answer, freed } = setUp();
    tiles.want([tile("a"), tile("b")]);
    await answer("A");
    tiles.end();
    expect(freed).toEqual(["A"]);
    await answer("B");
    expect(freed).toEqual(["A", "B"]);
  });

  it("gives up after a failure: the preview stays", async () => {
    const { asked, answers, tiles } = setUp();
    tiles.want([tile("a"), tile("b")]);
    answers[0]!.reject(new Error("too large"));
    await settled();
    tiles.want([tile("b")]);
    expect(asked).toEqual(["a"]);
  });
});
