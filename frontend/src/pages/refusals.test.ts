import { describe, expect, it } from "vitest";
import { refusalOf } from "./refusals";

describe("refusalOf", () => {
  it("says nothing where the address says nothing", () => {
    expect(refusalOf("")).toBeNull();
    expect(refusalOf("?other=1")).toBeNull();
  });

  it("has a sentence for every code, known or not", () => {
    expect(refusalOf("?refused=auth.oidc_cancelled")?.message).toBe("The log-in was cancelled.");
    expect(refusalOf("?refused=toString")).toEqual({
      code: "toString",
      message: "Logging in there did not work. Try again, or ask whoever runs this server.",
    });
  });
});
