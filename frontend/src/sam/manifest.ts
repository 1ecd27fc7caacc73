import type { Size } from "../geometry/size";

/** What the browser must know of a model; a view of the `manifest.json` the export command writes. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** Side of the square model input, in pixels. */
  readonly imageSize: number;
  /** [1, channels, side, side]. */
  readonly embeddingShape: readonly [number, number, number, number];
  readonly lowResSize: Size;
  readonly maskThreshold: number;
  readonly stabilityOffset: number;
  /** SHA-256 of the graphs, which their addresses carry so that they may be cached for ever. */
  readonly graphs: { readonly prepare: string; readonly click: string };
  /** The words that it has learned to find; null where it can be asked with clicks and boxes only. */
  readonly words: readonly string[] | null;
}

/** Reads a manifest as the API serves it. Throws `TypeError` naming the first field that does not fit. */
export function readManifest(json: unknown): Manifest {
  const record = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const [lowHeight, lowWidth] = numbers(record, "low_res_size", 2) as [number, number];
  if (record.format === 1) {
    throw new TypeError(
      "this model's decoder is of an older format: it must be exported and registered again",
    );
  }
  if (record.format !== 2) throw new TypeError(`manifest format ${String(record.format)} is not known here`);
  if (record.embedding_dtype !== "float16") {
    throw new TypeError(`embedding_dtype ${String(record.embedding_dtype)} is not known here`);
  }
  return {
    name: text(record, "name"),
    version: text(record, "version"),
    imageSize: number(record, "image_size"),
    embeddingShape: numbers(record, "embedding_shape", 4) as [number, number, number, number],
    lowResSize: { height: lowHeight, width: lowWidth },
    maskThreshold: number(record, "mask_threshold"),
    stabilityOffset: number(record, "stability_offset"),
    graphs: { prepare: graphDigest(record, "prepare"), click: graphDigest(record, "click") },
    words: vocabulary(record),
  };
}

export function modelKey(model: { readonly name: string; readonly version: string }): string {
  return `${model.name}@${model.version}`;
}

function graphDigest(record: Record<string, unknown>, name: string): string {
  const graphs = record.graphs as Record<string, Record<string, unknown> | undefined> | null | undefined;
  return text(graphs?.[name] ?? {}, "sha256");
}

/** Servers from before words do not tell `text` at all. */
function vocabulary({ text }: Record<string, unknown>): readonly string[] | null {
  if (text === null || text === undefined) return null;
  const words = (text as { vocabulary?: unknown }).vocabulary;
  const isList = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((word) => typeof word === "string");
  if (!isList(words)) throw new TypeError("the manifest's text has no vocabulary of words");
  return [...new Set(words)];
}

function number(record: Record<string, unknown>, name: string): number {
  const value = record[name];
  if (typeof value !== "number") throw new TypeError(`the manifest's ${name} is no number`);
  return value;
}

function text(record: Record<string, unknown>, name: string): string {
  const value = record[name];
  if (typeof value !== "string") throw new TypeError(`the manifest's ${name} is no text`);
  return value;
}

function numbers(record: Record<string, unknown>, name: string, length: number): number[] {
  const value = record[name];
  if (!Array.isArray(value) || value.length !== length || value.some((item) => typeof item !== "number")) {
    throw new TypeError(`the manifest's ${name} is not ${length} numbers`);
  }
  return value as number[];
}
