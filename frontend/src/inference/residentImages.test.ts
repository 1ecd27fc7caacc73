import { describe, expect, it } from "vitest";
import { ResidentImages } from "./residentImages";

describe("resident images", () => {
  const gone: string[] = [];
  const image = (key: string, bytes: number) => ({
    key,
    bytes,
    dispose: () => void gone.push(`${key} ${bytes}`),
  });

  it("stay within the budget, the ones used last first, and the newest always", () => {
    gone.length = 0;
    const images = new ResidentImages(100);
    images.add(image("a", 40));
    images.add(image("b", 40));
    images.use("a");
    images.add(image("c", 40));
    expect(gone).toEqual(["b 40"]);
    expect(images.use("b")).toBeUndefined();
    images.add(image("huge", 500));
    expect(gone).toEqual(["b 40", "a 40", "c 40"]);
    expect(images.use("huge")?.bytes).toBe(500);
  });

  it("give the old memory back when an image is opened again", () => {
    gone.length = 0;
    const images = new ResidentImages(100);
    images.add(image("a", 40));
    images.add(image("a", 50));
    expect(gone).toEqual(["a 40"]);
    expect(images.use("a")?.bytes).toBe(50);
  });
});
