import { draw as drawOurs } from "/built/ours.js";
import { disc, ORIGINAL_SIZE } from "./madeUp.js";

// One page; one worker per number of threads, as onnxruntime cannot change it later. A worker is made when its turn
// comes and ends after it, so that threads waiting for work do not disturb the others.

/** Starts a worker and loads all graphs: {graph names -> session creation in ms}. */
window.startThreads = async (threads, models) => {
  window.worker?.terminate();
  window.worker = new Worker("worker.js", { type: "module" });
  return ask({ name: "start", threads, models });
};

/** One round over all graphs, once each: milliseconds by "<model> <graph>". */
window.runRound = () => ask({ name: "round" });

/** Milliseconds from a click's prompt to its mask drawn, by "<model> <graph>": ours as the application, the official one as its demo. */
window.drawRound = async (models) => {
  const times = {};
  for (const model of models) {
    for (const [graph, draw] of [
      ["official_single", () => drawOfficially(logits, ...ORIGINAL_SIZE)],
      ["click", (rle) => drawOurs(context, rle)],
    ]) {
      const key = `${model} ${graph}`;
      // What is timed has just been done once, for both ways alike, and stands on the screen.
      await draw(await ask({ name: "answer", key }));
      await new Promise((resolve) => setTimeout(resolve, PRESENTED_MS));
      const started = performance.now();
      await draw(await ask({ name: "answer", key }));
      times[key] = performance.now() - started;
      await ask({ name: "rest", key });
    }
  }
  return times;
};

/** The browser puts what was drawn on the screen behind the page's back, on a core that the next answer needs. */
const PRESENTED_MS = 100;
const logits = disc(...ORIGINAL_SIZE);
const canvas = Object.assign(document.createElement("canvas"), { width: 1440, height: 900 });
const context = canvas.getContext("2d");
const picture = new Image();
document.body.append(canvas, picture);

/** As SAM's web demo: coloured pixels at the image's size, written as PNG into a data URL, shown by an <img>. */
async function drawOfficially(logits, height, width) {
  const pixels = new Uint8ClampedArray(4 * logits.length);
  for (let i = 0; i < logits.length; i++) if (logits[i] > 0) pixels.set([0, 114, 189, 255], 4 * i);
  const drawn = Object.assign(document.createElement("canvas"), { width, height });
  drawn.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
  picture.src = drawn.toDataURL();
  await picture.decode();
}

window.endThreads = () => {
  window.worker?.terminate();
  window.worker = null;
};

function ask(message) {
  return new Promise((resolve, reject) => {
    window.worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.answer));
    window.worker.onerror = (event) => reject(new Error(event.message));
    window.worker.postMessage(message);
  });
}
