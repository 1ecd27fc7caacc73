import { fileSize } from "../common/formats";

/** A number as people read it, a dash where there is none. */
export function wholeText(value: number | null): string {
  return value === null ? "–" : Math.round(value).toLocaleString("en");
}

export function decimalText(value: number | null, digits = 1): string {
  return value === null
    ? "–"
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function secondsText(value: number | null): string {
  return value === null ? "–" : `${decimalText(value)} s`;
}

export function shareText(value: number | null): string {
  return value === null ? "–" : `${decimalText(100 * value, value > 0 && value < 0.1 ? 1 : 0)} %`;
}

export function bytesText(value: number): string {
  return value === 0 ? "–" : fileSize(value);
}

/** How a figure differs from the one of before. Shares differ by points, all else by a part of what it was. */
export function differenceText(now: number | null, before: number | null, isShare: boolean): string | null {
  if (now === null || before === null) return null;
  const sign = (value: number) => (value > 0 ? "+" : value < 0 ? "−" : "±");
  if (isShare) {
    const points = Math.round(100 * (now - before));
    return `${sign(points)}${Math.abs(points)} points`;
  }
  if (before === 0) return null;
  const percent = Math.round((100 * (now - before)) / before);
  return `${sign(percent)}${Math.abs(percent)} %`;
}
