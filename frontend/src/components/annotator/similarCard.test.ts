import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Label } from "../../api/types";
import { similarTexts, type SimilarItem } from "./similarCard";

const CAT: Label = {
  id: 7,
  name: "cat",
  supercategory: "",
  color: "#e69f00",
  category_id: 1,
  mask_count: 2,
  attributes: [],
};
const ITEM: SimilarItem = {
  id: "a",
  image: 1,
  fileName: "street.jpg",
  revision: 3,
  label: 7,
  area: 20,
  similarity: 0.976,
  cutoutUrl: "",
};

test("a card says how alike a mask is and what it is called", () => {
  const { name, caption, mark } = similarTexts(ITEM, [CAT]);
  expect([name, caption]).toEqual(["Similarity 0.98 cat, street.jpg", "0.98"]);
  expect(renderToStaticMarkup(mark)).toContain("cat");
});

test("a mask without a label, or with one that is gone, says so", () => {
  const gone = similarTexts({ ...ITEM, label: 8 }, [CAT]);
  expect(gone).toEqual({ ...similarTexts({ ...ITEM, label: null }, [CAT]) });
  expect(gone.name).toBe("Similarity 0.98 without label, street.jpg");
  expect(gone.mark).toBeUndefined();
});
