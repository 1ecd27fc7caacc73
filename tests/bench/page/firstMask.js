// Injected into the application: how long until the first mask shows under a resting pointer.

const GIVEN_UP_AFTER_MS = 60_000;
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/**
 * [milliseconds since the page was asked for, milliseconds of the decode], once a stage other than `old` shows one. Unless the
 * mouse rests over the image anyway, it is moved there when the decoder is ready.
 */
window.firstMask = async (old, since = 0, isResting = false) => {
  const started = performance.now();
  let askedAt = -Infinity;
  for (;;) {
    if (performance.now() - started > GIVEN_UP_AFTER_MS) throw new Error("no mask was seen within a minute");
    const root = document.querySelector('[data-testid="annotator"]');
    const stage = document.querySelector('[data-testid="image-canvas"]');
    if (root && stage && stage !== old) {
      if (root.dataset.decoder === "failed") throw new Error("the decoder failed: no mask will be seen");
      if (root.dataset.hasPreview === "true") {
        const decode = document.querySelector('[data-testid="decode-ms"]').textContent;
        return [performance.now() - since, parseFloat(decode)];
      }
      // A pointer that moves on all the time would give up each decode for the next.
      if (!isResting && root.dataset.decoder === "ready" && performance.now() - askedAt > 2000) {
        // React says that it is ready before its effects listen: a pointer that moves in between is not seen.
        await frame();
        await frame();
        askedAt = performance.now();
        const { left, top, width, height } = stage.getBoundingClientRect();
        const place = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true };
        stage.dispatchEvent(new PointerEvent("pointermove", place));
      }
    }
    await frame();
  }
};

window.nextImageFirstMask = () => {
  const old = document.querySelector('[data-testid="image-canvas"]');
  const since = performance.now();
  document.querySelector('[data-testid="next-image"]').click();
  return window.firstMask(old, since, true);
};
