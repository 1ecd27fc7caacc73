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
