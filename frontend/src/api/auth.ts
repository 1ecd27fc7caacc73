import { client, csrfToken, dataOf, done } from "./client";
import type { User } from "./types";

/** Who is logged in. Throws `ApiError` `auth.not_authenticated`; sets the CSRF cookie either way. */
export function fetchMe(): Promise<User> {
  return dataOf(client.GET("/api/v1/auth/me/"));
}

export async function login(username: string, password: string): Promise<User> {
  // Somebody cleared the cookies under an open page: without a token even logging in would be refused.
  if (csrfToken() === "") await fetchMe().catch(() => undefined);
  return dataOf(client.POST("/api/v1/auth/login/", { body: { username, password } }));
}

export function logout(): Promise<void> {
  return done(client.POST("/api/v1/auth/logout/"));
}
