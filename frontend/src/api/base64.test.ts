import { expect, it } from "vitest";
import { base64ToFloats, floatsToBase64 } from "./base64";

it("carries a low-resolution mask there and back", () => {
  const values = Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i) * 30);
  expect(base64ToFloats(floatsToBase64(values))).toEqual(values);
});
