import type { Label, LabelAttribute } from "../api/types";
import type { AttributeValue, SavedMask } from "./annotation";

type Values = SavedMask["attributes"];

/** What is said of an attribute, its default when nothing is. */
export function valueOf(values: Values, attribute: LabelAttribute): AttributeValue {
  const value = values[attribute.id];
  return value === undefined ? attribute.default : value;
}

/** What a new mask of a label says, as the server would fill it in. */
export function defaultsOf(labels: readonly Label[], labelId: number | null): Values {
  const attributes = labels.find(({ id }) => id === labelId)?.attributes ?? [];
  return Object.fromEntries(attributes.map((attribute) => [attribute.id, attribute.default]));
}

/** The value that all these masks share; undefined when they differ. */
export function sharedValue(
  masks: readonly SavedMask[],
  attribute: LabelAttribute,
): AttributeValue | undefined {
  const values = new Set(masks.map((mask) => valueOf(mask.attributes, attribute)));
  return values.size === 1 ? [...values][0] : undefined;
}

/** What is said under another label: values of attributes with the same name and kind that still fit, else defaults. */
export function attributesFor(
  values: Values,
  from: readonly LabelAttribute[],
  to: readonly LabelAttribute[],
): Values {
  const kept: Record<string, AttributeValue> = {};
  for (const attribute of to) {
    const twin = from.find(({ name, kind }) => name === attribute.name && kind === attribute.kind);
    const value = twin && values[twin.id];
    const isChoice = attribute.kind !== "select" || attribute.choices.includes(String(value));
    const fits = value !== undefined && (isChoice || value === null);
    kept[attribute.id] = fits ? value : attribute.default;
  }
  return kept;
}
