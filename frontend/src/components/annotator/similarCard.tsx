import type { Label } from "../../api/types";
import type { CardTexts, SheetItem } from "../sheet/SheetCard";

/** What of a mask that looks like another one the sheet shows. */
export interface SimilarItem extends SheetItem {
  readonly image: number;
  readonly fileName: string;
  readonly revision: number;
  readonly label: number | null;
  readonly area: number;
  readonly similarity: number;
}

/** How alike it is, and what it is called. */
export function similarTexts(
  { fileName, label: labelId, similarity }: SimilarItem,
  labels: readonly Label[],
): CardTexts {
  const label = labels.find(({ id }) => id === labelId);
  return {
    // What is seen, in the order in which it is.
    name: `Similarity ${similarity.toFixed(2)} ${label?.name ?? "without label"}, ${fileName}`,
    caption: similarity.toFixed(2),
    mark: label && (
      <>
        <span className="swatch" style={{ background: label.color }} />
        <span className="sheet-label">{label.name}</span>
      </>
    ),
  };
}
