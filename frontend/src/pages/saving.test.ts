import { describe, expect, it } from "vitest";
import { dataOf, done } from "../api/client";
import { ApiError, CSRF_FAILED } from "../api/errors";
import { classifyFailure } from "./saving";

const failed = (status: number, code = "code") => classifyFailure(new ApiError(status, code, "no")).kind;

describe("a failure to save", () => {
  it("is repeated where the answer broke off or was none: the server may have saved it", async () => {
    const broken = () => Promise.reject(new TypeError("network error"));
    const noJson = () => Promise.reject(new SyntaxError("Unexpected token <"));
    for (const answer of [dataOf(broken()), dataOf(noJson()), done(broken())]) {
      const error: unknown = await answer.catch((caught: unknown) => caught);
      expect(classifyFailure(error)).toMatchObject({ kind: "later", code: "network.unreachable" });
    }
  });

  it("stops the others only where they would not get through either", () => {
    expect([0, 429, 502, 503, 504].map((status) => failed(status))).toEqual(Array(5).fill("later"));
    expect([500, 507].map((status) => failed(status))).toEqual(["failed", "failed"]);
    expect([failed(401), failed(404), failed(400)]).toEqual(["login", "gone", "refused"]);
  });

  it("of one whose token is gone is repeated with a new one", () => {
    expect(failed(403, CSRF_FAILED)).toBe("later");
  });
});
