/** "3 images", "1 image". */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
}

/** A span of time as people say it: "40 s", "3 min", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${Math.floor(minutes / 60)} h`;
}

/** How long ago, roughly: "just now", "3 min ago", "2 h 5 min ago", else the day. */
export function sinceWhen(moment: Date, now: Date): string {
  const seconds = (now.getTime() - moment.getTime()) / 1000;
  if (seconds < 30) return "just now";
  if (seconds < 24 * 3600) return `${duration(seconds)} ago`;
  return `on ${moment.toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" })}`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1024 ** 2) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  return `${(bytes / 1024 ** 3).toFixed(2)} GB`;
}

/** "87 %", or a dash where there is no figure. */
export function percentage(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 100)} %`;
}
