import { client, dataOf } from "./client";
import type { Formats } from "./types";

/** The formats a project can be written in and made of. */
export function fetchFormats(): Promise<Formats> {
  return dataOf(client.GET("/api/v1/formats/"));
}
