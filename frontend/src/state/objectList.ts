import type { Label } from "../api/types";
import type { SavedMask } from "./annotation";
import { byDepth } from "./depth";

export const SORTINGS = [
  { sorting: "made", title: "Order they were made in" },
  { sorting: "depth", title: "Depth, topmost first" },
  { sorting: "label", title: "Label" },
  { sorting: "area", title: "Area, largest first" },
  { sorting: "iou", title: "Predicted IoU, lowest first" },
] as const;

export type Sorting = (typeof SORTINGS)[number]["sorting"];

/** One line of the list. */
export interface ObjectRow {
  readonly mask: SavedMask;
  readonly label: Label | null;
  /** Counted in the order the masks were made; it does not change with the sorting. */
  readonly number: number;
}

/** What a mask's label is called where there is no name for it. A colleague's new label is not "no label". */
export function labelName({ mask, label }: Pick<ObjectRow, "mask" | "label">): string {
  return label?.name ?? (mask.labelId === null ? "No label" : "Unknown label");
}

/** Labels that masks have and nobody told of: somebody else made them since the labels were read. */
export function unknownLabelIds(masks: ReadonlyMap<string, SavedMask>, labels: readonly Label[]): number[] {
  const known = new Set<number | null>([null, ...labels.map(({ id }) => id)]);
  const used = new Set([...masks.values()].map(({ labelId }) => labelId));
  return [...used].filter((id): id is number => !known.has(id));
}

/** What a search asks for: all of it must hold. Texts are in lower case. */
interface Query {
  readonly words: readonly string[];
  readonly labels: readonly string[];
  readonly authors: readonly string[];
}

/** How masks without a label are searched for and called. */
export const NO_LABEL = "none";

/**
 * Words of a search: `label:cat`, `author:ada`, or anything that label, author, id or an attribute's text contains.
 * Values with spaces stand in quotes: `label:"traffic light"`.
 */
export function readQuery(text: string): Query {
  const query = { words: [] as string[], labels: [] as string[], authors: [] as string[] };
  for (const [, field, quoted, plain] of text.matchAll(/(?:(label|author):)?(?:"([^"]*)"?|(\S+))/gi)) {
    const value = (quoted ?? plain ?? "").toLowerCase();
    if (value === "") continue;
    if (field?.toLowerCase() === "label") query.labels.push(value);
    else if (field?.toLowerCase() === "author") query.authors.push(value);
    else query.words.push(value);
  }
  return query;
}

/** The same search with a label or an author asked for besides. */
export function withTerm(text: string, field: "label" | "author", value: string): string {
  const term = `${field}:${/\s/.test(value) ? `"${value}"` : value}`;
  return text.split(/\s+/).includes(term) ? text : `${text.trim()} ${term} `.trimStart();
}

export function objectRows(
  masks: ReadonlyMap<string, SavedMask>,
  labels: readonly Label[],
  search: string,
  sorting: Sorting,
): ObjectRow[] {
  const byId = new Map(labels.map((label) => [label.id, label]));
  const rows = [...masks.values()].map((mask, index) => ({
    mask,
    label: byId.get(mask.labelId ?? 0) ?? null,
    number: index + 1,
  }));
  const query = readQuery(search);
  return rows.filter((row) => fits(row, query)).sort(ORDERS[sorting]);
}

const ORDERS: Readonly<Record<Sorting, (a: ObjectRow, b: ObjectRow) => number>> = {
  made: (a, b) => a.number - b.number,
  depth: (a, b) => byDepth(b.mask, a.mask) || b.number - a.number,
  label: (a, b) => (a.label?.name ?? "").localeCompare(b.label?.name ?? "") || a.number - b.number,
  area: (a, b) => b.mask.mask.area - a.mask.mask.area || a.number - b.number,
  // Masks drawn by hand have none and need no second look.
  iou: (a, b) => (a.mask.predictedIou ?? 2) - (b.mask.predictedIou ?? 2) || a.number - b.number,
};

function fits({ mask, label }: ObjectRow, { words, labels, authors }: Query): boolean {
  const name = label?.name.toLowerCase() ?? "";
  const author = mask.author?.toLowerCase() ?? "";
  const hasLabel = (wanted: string) =>
    label ? name.includes(wanted) : wanted === NO_LABEL && mask.labelId === null;
  const texts = Object.values(mask.attributes).filter((value) => typeof value === "string");
  const all = [name, author, mask.id, ...texts.map((text) => text.toLowerCase())];
  return (
    (labels.length === 0 || labels.some(hasLabel)) &&
    authors.every((wanted) => author.includes(wanted)) &&
    words.every((word) => all.some((text) => text.includes(word)))
  );
}
