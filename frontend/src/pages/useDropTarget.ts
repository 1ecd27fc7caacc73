import { useEffect, useRef, useState } from "react";
import { droppedFiles, type FoundFile } from "../components/project/droppedFiles";

/** Makes the whole page take dropped files and folders, unless it is not to. Returns whether files hover over it now. */
export function useDropTarget(onDrop: ((files: readonly FoundFile[]) => void) | null): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  useEffect(() => {
    latest.current = onDrop;
  });
  const isTaking = onDrop !== null;
  useEffect(() => {
    if (!isTaking) return;
    const ending = new AbortController();
    const options = { signal: ending.signal };
    // Entering a child leaves its parent: only the balance says whether the pointer left the page.
    let depth = 0;
    const withFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const move = (change: number) => (event: DragEvent) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      depth = Math.max(0, depth + change);
      setOver(depth > 0);
    };
    window.addEventListener("dragenter", move(1), options);
    window.addEventListener("dragover", move(0), options);
    window.addEventListener("dragleave", move(-1), options);
    window.addEventListener(
      "drop",
      (event) => {
        if (!withFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        depth = 0;
        setOver(false);
        void droppedFiles(event.dataTransfer).then((files) => latest.current?.(files));
      },
      options,
    );
    return () => ending.abort();
  }, [isTaking]);
  return isOver;
}
