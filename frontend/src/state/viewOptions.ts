// How one person looks at photographs and masks. Nothing of it reaches the model, the masks or a colleague.

export const CHANNELS = ["rgb", "red", "green", "blue", "grey"] as const;
export type Channel = (typeof CHANNELS)[number];

export interface ViewOptions {
  /** Factors on the photograph's values, 1 leaves them. */
  readonly brightness: number;
  readonly contrast: number;
  /** The exponent is its inverse: above 1 shadows become lighter. */
  readonly gamma: number;
  readonly channel: Channel;
  /** Of the inside of saved masks, 0 to 1. */
  readonly maskOpacity: number;
  readonly outlinesOnly: boolean;
  readonly colorBy: "label" | "instance";
  readonly crosshair: boolean;
  readonly pixelGrid: boolean;
  readonly minimap: boolean;
}

export const DEFAULT_VIEW: ViewOptions = {
  brightness: 1,
  contrast: 1,
  gamma: 1,
  channel: "rgb",
  maskOpacity: 0.5,
  outlinesOnly: false,
  colorBy: "label",
  crosshair: false,
  pixelGrid: true,
  minimap: true,
};

export type RangeName = "brightness" | "contrast" | "gamma" | "maskOpacity";

/** What a slider offers, and how far a key moves it. */
export const RANGES: Readonly<Record<RangeName, { min: number; max: number; step: number }>> = {
  brightness: { min: 0.2, max: 4, step: 0.1 },
  contrast: { min: 0.2, max: 4, step: 0.1 },
  gamma: { min: 0.2, max: 4, step: 0.1 },
  maskOpacity: { min: 0, max: 1, step: 0.1 },
};

export function withRange(view: ViewOptions, name: RangeName, value: number): ViewOptions {
  const { min, max } = RANGES[name];
  // Steps of a tenth add up to 0.30000000000000004.
  return { ...view, [name]: Math.min(max, Math.max(min, Math.round(value * 100) / 100)) };
}

export function withStep(view: ViewOptions, name: RangeName, direction: 1 | -1): ViewOptions {
  return withRange(view, name, view[name] + direction * RANGES[name].step);
}

export function withNextChannel(view: ViewOptions): ViewOptions {
  return { ...view, channel: CHANNELS[(CHANNELS.indexOf(view.channel) + 1) % CHANNELS.length]! };
}

export function isPhotographChanged({ brightness, contrast, gamma, channel }: ViewOptions): boolean {
  return brightness !== 1 || contrast !== 1 || gamma !== 1 || channel !== "rgb";
}

export function isDefaultView(view: ViewOptions): boolean {
  return (Object.keys(DEFAULT_VIEW) as (keyof ViewOptions)[]).every(
    (name) => view[name] === DEFAULT_VIEW[name],
  );
}

/** Stored options; what is missing or makes no sense is as usual. */
export function readViewOptions(value: unknown): ViewOptions {
  const record = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const flag = (name: "outlinesOnly" | "crosshair" | "pixelGrid" | "minimap") => {
    const stored = record[name];
    return typeof stored === "boolean" ? stored : DEFAULT_VIEW[name];
  };
  let view: ViewOptions = {
    ...DEFAULT_VIEW,
    channel: CHANNELS.find((channel) => channel === record.channel) ?? "rgb",
    colorBy: record.colorBy === "instance" ? "instance" : "label",
    outlinesOnly: flag("outlinesOnly"),
    crosshair: flag("crosshair"),
    pixelGrid: flag("pixelGrid"),
    minimap: flag("minimap"),
  };
  for (const name of Object.keys(RANGES) as RangeName[]) {
    const stored = record[name];
    if (typeof stored === "number" && Number.isFinite(stored)) view = withRange(view, name, stored);
  }
  return view;
}
