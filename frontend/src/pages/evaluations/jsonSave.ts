// After the click that starts it a browser reads the blob by itself; some do so a moment later.
const READ_MS = 10_000;

/** Has the browser save a value as a JSON file of this name. */
export function jsonSave(fileName: string, value: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 1)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_MS);
}
