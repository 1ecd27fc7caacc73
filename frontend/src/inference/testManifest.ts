import type { Manifest } from "../sam/manifest";

/** A model small enough to write its tensors by hand, for the tests of this room. */
export const manifest: Manifest = {
  name: "tiny",
  version: "1",
  imageSize: 64,
  embeddingShape: [1, 1, 2, 2],
  lowResSize: { height: 4, width: 4 },
  maskThreshold: 0,
  stabilityOffset: 1,
  graphs: { prepare: "p", click: "c" },
  words: null,
};
