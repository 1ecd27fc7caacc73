import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** What is written in these colours is small text (WCAG 1.4.3). */
const LEAST_CONTRAST = 4.5;
const SHEET = readFileSync(new URL("./app.css", import.meta.url), "utf8");

function variablesOf(scheme: "light" | "dark"): Map<string, string> {
  const rule = new RegExp(`color-scheme="${scheme}"\\] \\{([^}]*)\\}`).exec(SHEET)?.[1] ?? "";
  return new Map([...rule.matchAll(/(--app-[a-z]+): ([^;]+);/g)].map((found) => [found[1]!, found[2]!]));
}

function luminance(hex: string): number {
  const digits = hex.slice(1).match(hex.length === 4 ? /./g : /../g)!;
  const [red, green, blue] = digits.map((pair) => {
    const value = parseInt(pair.padStart(2, pair), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (light! + 0.05) / (dark! + 0.05);
}

describe("what warns and what failed", () => {
  it.each(["light", "dark"] as const)("can be read on every ground of the %s theme", (scheme) => {
    const variables = variablesOf(scheme);
    for (const color of ["--app-warning", "--app-error"]) {
      for (const ground of ["--app-surface", "--app-page", "--app-well"]) {
        expect(contrast(variables.get(color)!, variables.get(ground)!)).toBeGreaterThanOrEqual(
          LEAST_CONTRAST,
        );
      }
    }
  });

  it("have the contrast that is defined: 21 of black on white", () => {
    expect(contrast("#000", "#ffffff")).toBeCloseTo(21, 6);
  });
});
