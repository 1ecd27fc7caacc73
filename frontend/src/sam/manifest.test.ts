import { describe, expect, it } from "vitest";
import { readManifest } from "./manifest";

const JSON_OF_BEFORE = {
  ...{ format: 2, name: "tiny", version: "1", image_size: 64, embedding_dtype: "float16" },
  ...{ embedding_shape: [1, 2, 4, 4], low_res_size: [4, 4], mask_threshold: 0, stability_offset: 1 },
  graphs: { prepare: { sha256: "p" }, click: { sha256: "c" } },
};

describe("a manifest", () => {
  it("tells the words that the model has learned, each once", () => {
    const text = { encoder: "names", dim: 8, vocabulary: ["dog", "cat", "dog"] };
    expect(readManifest({ ...JSON_OF_BEFORE, text }).words).toEqual(["dog", "cat"]);
  });

  it("tells of none where the model has learned none, or its server knows nothing of words", () => {
    expect(readManifest(JSON_OF_BEFORE).words).toBeNull();
    expect(readManifest({ ...JSON_OF_BEFORE, text: null }).words).toBeNull();
  });

  it("says what is wrong with a list of words", () => {
    const read = (vocabulary: unknown) => () => readManifest({ ...JSON_OF_BEFORE, text: { vocabulary } });
    expect(read(undefined)).toThrow("vocabulary");
    expect(read(["dog", 3])).toThrow("vocabulary");
  });
});
