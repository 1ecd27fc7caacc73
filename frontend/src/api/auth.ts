import { client, dataOf, done } from "./client";
import type { User } from "./types";

/** Who is logged in. Throws `ApiError` `auth.not_authenticated`; sets the CSRF cookie either way. */
export function fetchMe(): Promise<User> {
  return dataOf(client.GET("/api/v1/auth/me/"));
}

export function login(username: string, password: string): Promise<User> {
  return dataOf(client.POST("/api/v1/auth/login/", { body: { username, password } }));
}

export function logout(): Promise<void> {
  return done(client.POST("/api/v1/auth/logout/"));
}
