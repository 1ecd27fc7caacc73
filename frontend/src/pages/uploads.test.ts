import { beforeEach, describe, expect, it, vi } from "vitest";
import type { UploadResult } from "../api/types";
import { uploadImages } from "../api/uploads";
import { Uploads } from "./uploads";

vi.mock("../api/uploads", () => ({ uploadImages: vi.fn() }));
const sent = vi.mocked(uploadImages);
const files = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    file: new File(["x"], `${index}.png`),
    path: `${index}.png`,
  }));
const NOTHING: UploadResult = { created: [], duplicates: [], errors: [] };

describe("uploads", () => {
  beforeEach(() => {
    sent.mockReset();
  });

  it("are found again by their project, batch after batch", async () => {
    sent.mockResolvedValue(NOTHING);
    const [uploads, onBatch] = [new Uploads(), vi.fn()];
    const done = uploads.start(3, files(150), onBatch);
    await uploads.start(3, files(1), onBatch);
    expect(uploads.stateOf(3)).toMatchObject({ kind: "sending", files: 150 });
    expect(uploads.stateOf(4)).toEqual({ kind: "idle" });
    await done;
    expect(onBatch).toHaveBeenCalledTimes(2);
    expect(uploads.stateOf(3)).toMatchObject({ kind: "finished" });
    uploads.dismiss(3);
    expect(uploads.stateOf(3)).toEqual({ kind: "idle" });
  });

  it("end with the person: what is on its way is given up, the rest never sent or shown", async () => {
    sent.mockImplementation(
      (_project, _files, _onProgress, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(new Error("aborted"))),
        ),
    );
    const uploads = new Uploads();
    const done = uploads.start(3, files(150), () => undefined);
    uploads.endAll();
    await done;
    expect(sent).toHaveBeenCalledOnce();
    expect(uploads.stateOf(3)).toEqual({ kind: "idle" });
  });
});
