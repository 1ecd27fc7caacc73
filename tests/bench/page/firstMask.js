// Injected into the application: how long until the first mask shows under a resting pointer.

/** [milliseconds since the page was asked for, milliseconds of the decode], once a root other than `old` shows one. */
window.firstMask = async (old, since = 0) => {
  let askedAt = -Infinity;
  for (;;) {
    const root = document.querySelector('[data-testid="annotator"]');
    const stage = document.querySelector('[data-testid="image-canvas"]');
    if (root && stage && root !== old) {
      if (root.dataset.hasPreview === "true") {
        const decode = document.querySelector('[data-testid="decode-ms"]').textContent;
        return [performance.now() - since, parseFloat(decode)];
      }
      // A pointer that moves on all the time would give up each decode for the next.
      if (root.dataset.decoder === "ready" && performance.now() - askedAt > 2000) {
        askedAt = performance.now();
        const { left, top, width, height } = stage.getBoundingClientRect();
        const place = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true };
        stage.dispatchEvent(new PointerEvent("pointermove", place));
      }
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
};

window.nextImageFirstMask = () => {
  const old = document.querySelector('[data-testid="annotator"]');
  const since = performance.now();
  document.querySelector('[data-testid="next-image"]').click();
  return window.firstMask(old, since);
};
