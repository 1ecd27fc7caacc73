/** A file with its path inside the folder it came with. */
export interface FoundFile {
  readonly file: File;
  readonly path: string;
}

const SKIPPED = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|__MACOSX\/.*)$/i;

/** Files picked with a file or folder input. */
export function pickedFiles(list: FileList | null): FoundFile[] {
  return Array.from(list ?? [])
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !SKIPPED.test(path));
}

/**
 * Everything dropped, folders walked to the bottom. Must be called while the drop event is handled: the browser
 * empties its list afterwards.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<FoundFile[]> {
  const entries = Array.from(transfer.items)
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry());
  const loose = Array.from(transfer.files).map((file) => ({ file, path: file.name }));
  const known = entries.filter((entry) => entry !== null);
  const found = known.length > 0 ? (await Promise.all(known.map(walk))).flat() : loose;
  return found.filter(({ path }) => !SKIPPED.test(path));
}

async function walk(entry: FileSystemEntry): Promise<FoundFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ file, path: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // A reader hands out about a hundred entries at a time, and none when it is done.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) break;
    children.push(...batch);
  }
  return (await Promise.all(children.map(walk))).flat();
}
