/**
 * Gives a canvas's pixels back once it has left the page. The element itself goes with the next collection of garbage, but
 * its pixels, several megabytes over a whole view, are not what makes a browser collect: fifty images opened one after the
 * other left a hundred canvases.
 */
export function freeOnceGone(canvas: HTMLCanvasElement): void {
  // React takes an element off the page after it has cleaned up, and cleans up without doing so when it tries effects out.
  queueMicrotask(() => {
    if (canvas.isConnected) return;
    canvas.width = 0;
    canvas.height = 0;
  });
}
