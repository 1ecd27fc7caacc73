import { useElementSize } from "@mantine/hooks";
import { scaleOf, type Reference, type RoundPoint } from "./rounds";
import { colorAt } from "./series";

interface Props {
  readonly points: readonly RoundPoint[];
  readonly references: readonly Reference[];
  readonly text: (value: number) => string;
  /** Amounts are; what lies between 0 and 1 is looked at closer. */
  readonly isFromZero: boolean;
}

const HEIGHT = 220;
const [LEFT, TOP, BOTTOM] = [44, 18, 24];
/** What lines are called stands beside them, where no point is. */
const [RIGHT, RIGHT_WITH_NAMES] = [14, 118];
/** Each point says its number while they have room for it. */
const LABEL_WIDTH = 46;
const LINE = colorAt(0);
const BEFORE = colorAt(1);

/** One figure round by round: a line, whiskers where it has an interval, hollow points for what it is compared with. */
export function RoundChart({ points, references, text, isFromZero }: Props) {
  const { ref, width } = useElementSize();
  const known = points.flatMap(({ value, before, low, high }) => [value, before, low, high]);
  const values = [...known, ...references.map(({ value }) => value)].filter((value) => value !== null);
  const scale = scaleOf(values.length > 0 ? values : [1], isFromZero);
  const end = width - (references.length > 0 ? RIGHT_WITH_NAMES : RIGHT);
  const inner = Math.max(1, end - LEFT);
  const step = inner / points.length;
  const x = (index: number) => LEFT + (index + 0.5) * step;
  const y = (value: number) => TOP + ((scale.to - value) / (scale.to - scale.from)) * (HEIGHT - TOP - BOTTOM);
  const every = Math.ceil(LABEL_WIDTH / step);
  const isNamed = (index: number) => (points.length - 1 - index) % every === 0;
  return (
    <div ref={ref} className="round-chart">
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="presentation">
          {scale.ticks.map((tick) => (
            <g key={tick}>
              <line className="round-grid" x1={LEFT} x2={end} y1={y(tick)} y2={y(tick)} />
              <text className="round-tick" x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
                {tickText(tick)}
              </text>
            </g>
          ))}
          {references.map(({ value, label }) => (
            <g key={label}>
              <line className="round-reference" x1={LEFT} x2={end} y1={y(value)} y2={y(value)} />
              <text className="round-reference-label" x={end + 6} y={y(value) + 4}>
                {label}
              </text>
            </g>
          ))}
          <path d={pathOf(points, x, y)} fill="none" stroke={LINE} strokeWidth={2} />
          {points.map((point, index) => (
            <g key={point.round}>
              <Whisker {...point} x={x(index)} y={y} />
              {point.before !== null && (
                <circle className="round-before" cx={x(index)} cy={y(point.before)} r={4} stroke={BEFORE} />
              )}
              {point.value !== null && (
                <>
                  <circle cx={x(index)} cy={y(point.value)} r={4.5} fill={LINE}>
                    <title>{`${point.round}: ${text(point.value)}`}</title>
                  </circle>
                  {isNamed(index) && (
                    <text className="round-value" x={x(index) + 8} y={y(point.value) - 7}>
                      {text(point.value)}
                    </text>
                  )}
                </>
              )}
              {isNamed(index) && (
                <text className="round-tick" x={x(index)} y={HEIGHT - 6} textAnchor="middle">
                  {step > 60 ? point.round : point.round.replace("Round ", "")}
                </text>
              )}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

type Place = (at: number) => number;

function Whisker({ low, high, x, y }: RoundPoint & { readonly x: number; readonly y: Place }) {
  if (low === null || high === null) return null;
  const ends = `M ${x - 5} ${y(high)} h 10 M ${x - 5} ${y(low)} h 10 M ${x} ${y(low)} V ${y(high)}`;
  return <path className="round-whisker" d={ends} />;
}

/** Broken where a round has no value. */
function pathOf(points: readonly RoundPoint[], x: Place, y: Place): string {
  let isDrawing = false;
  return points
    .map(({ value }, index) => {
      const command = value === null ? "" : `${isDrawing ? "L" : "M"} ${x(index)} ${y(value)}`;
      isDrawing = value !== null;
      return command;
    })
    .join(" ");
}

function tickText(tick: number): string {
  return tick.toLocaleString("en", { maximumFractionDigits: 3 });
}
