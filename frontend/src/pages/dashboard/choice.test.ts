import { describe, expect, it } from "vitest";
import { addressOf, choiceOf, daysQuery, maskQuery } from "./choice";

describe("what is looked at", () => {
  it("stands in the address and comes back from it", () => {
    const address =
      "period=custom&person=3&label=none&stage=semi_automatic&since=2026-03-01&until=2026-03-09";
    const choice = choiceOf(new URLSearchParams(`${address}&project=4&project=5`));
    expect(choice.projects).toEqual([4, 5]);
    expect(choiceOf(addressOf(choice))).toEqual(choice);
    expect(addressOf(choiceOf(new URLSearchParams())).toString()).toBe("");
  });

  it("is the usual where the address says what cannot be", () => {
    const choice = choiceOf(
      new URLSearchParams("period=7e9&person=x&label=-1&stage=late&since=soon&project=a"),
    );
    expect(choice).toEqual(choiceOf(new URLSearchParams()));
  });

  it("is asked for without what was not chosen", () => {
    const choice = choiceOf(new URLSearchParams("person=3"));
    expect(maskQuery({ since: "2026-03-01", until: null }, choice)).toEqual({
      since: "2026-03-01",
      person: "3",
    });
    expect(daysQuery({ since: "2026-03-05", until: "2026-03-01" })).toEqual({ since: "2026-03-05", until: "2026-03-05" }); // prettier-ignore
  });
});
