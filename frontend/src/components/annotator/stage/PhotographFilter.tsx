import { isPhotographChanged, type Channel, type ViewOptions } from "../../../state/viewOptions";

const FILTER_ID = "photograph-filter";

/** Rows of a colour matrix: what red, green and blue become of red, green, blue, opacity and 1. */
const ONE = { red: "1 0 0 0 0", green: "0 1 0 0 0", blue: "0 0 1 0 0", grey: "0.2126 0.7152 0.0722 0 0" };
const OPACITY = "0 0 0 1 0";

/** The CSS filter for photographs under these options; `PhotographFilter` has to be on the page. */
export function photographFilter(options: ViewOptions): string {
  return isPhotographChanged(options) ? `url(#${FILTER_ID})` : "none";
}

/** Brightness, contrast, gamma and channel as an SVG filter: for the eye only, no pixel that a model sees changes. */
export function PhotographFilter({ options }: { readonly options: ViewOptions }) {
  if (!isPhotographChanged(options)) return null;
  const { brightness, contrast, gamma, channel } = options;
  // Around the middle grey, after the brightness: c (b v - 1/2) + 1/2.
  const linear = { type: "linear", slope: brightness * contrast, intercept: (1 - contrast) / 2 } as const;
  const power = { type: "gamma", amplitude: 1, exponent: 1 / gamma, offset: 0 } as const;
  return (
    <svg width={0} height={0} aria-hidden style={{ position: "absolute" }}>
      <filter id={FILTER_ID} colorInterpolationFilters="sRGB">
        <feColorMatrix type="matrix" values={matrixOf(channel)} />
        <feComponentTransfer>
          <feFuncR {...linear} />
          <feFuncG {...linear} />
          <feFuncB {...linear} />
        </feComponentTransfer>
        <feComponentTransfer>
          <feFuncR {...power} />
          <feFuncG {...power} />
          <feFuncB {...power} />
        </feComponentTransfer>
      </filter>
    </svg>
  );
}

function matrixOf(channel: Channel): string {
  const rows = channel === "rgb" ? [ONE.red, ONE.green, ONE.blue] : Array<string>(3).fill(ONE[channel]);
  return [...rows, OPACITY].join(" ");
}
