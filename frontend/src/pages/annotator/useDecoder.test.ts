import { describe, expect, it } from "vitest";
import type { Image } from "../../api/types";
import { bridgeOf, files, FULL, type Behaviour } from "../../inference/testWorkers";
import type { Services } from "../services";
import { openImage } from "./useDecoder";

const image = {
  ...{ id: 7, height: 8, width: 8, embedding_url: "" },
  embedding: { state: "ready", model: { name: "tiny", version: "1" } },
} as Image;

describe("opening an image", () => {
  it("fails with an opening ahead of its turn, and can be tried again", async () => {
    const faults: Behaviour["faults"] = { server: ["open"] };
    const { bridge, workers } = bridgeOf({ capabilities: { ...FULL, hasWasm: false }, faults });
    await bridge.load(files);
    const services = { bridge, embeddings: null as unknown as Services["embeddings"] };
    const open = () => openImage(services, image, new AbortController().signal);
    const ahead = open();
    ahead.catch(() => undefined);
    while (!workers.some(({ asked }) => asked.includes("open"))) await Promise.resolve();
    await expect(open()).rejects.toMatchObject({ code: "decoder.failed" });
    await expect(ahead).rejects.toMatchObject({ code: "decoder.failed" });
    faults.server = [];
    await open();
    expect(bridge.isOpen("7", "tiny@1")).toBe(true);
  });
});
