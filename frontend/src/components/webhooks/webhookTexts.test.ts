import { describe, expect, it } from "vitest";
import { errorText, troubleText, untilWhen } from "./webhookTexts";

describe("what is said of webhooks", () => {
  it("tells why the latest try failed, also by a code that is new", () => {
    expect(errorText({ error_code: "" })).toBe("");
    expect(errorText({ error_code: "webhook.timeout" })).toBe("no answer within 10 seconds");
    expect(errorText({ error_code: "webhook.brand_new" })).toBe("webhook.brand_new");
  });

  it("tells of trouble only where there is some", () => {
    const well = { is_active: true, off_code: "", consecutive_failures: 0 };
    expect(troubleText(well)).toBe("");
    expect(troubleText({ ...well, consecutive_failures: 1 })).toBe("The latest try failed.");
    expect(troubleText({ ...well, consecutive_failures: 4 })).toBe("The latest 4 tries failed.");
    expect(troubleText({ ...well, is_active: false })).toBe("");
    expect(troubleText({ ...well, is_active: false, off_code: "webhook.gone" })).toContain("410");
  });

  it("rounds the time until the next try", () => {
    const now = new Date("2026-01-01T12:00:00Z");
    const later = (seconds: number) => untilWhen(new Date(now.getTime() + seconds * 1000), now);
    expect([later(-5), later(5), later(300), later(7200)]).toEqual([
      "in a moment",
      "in a moment",
      "in 5 min",
      "in 2 h",
    ]);
  });
});
