import { client, dataOf, done } from "./client";
import type { ApiToken, ApiTokenCreated, ApiTokenWrite, LoginOptions } from "./types";

export function fetchTokens(): Promise<ApiToken[]> {
  return dataOf(client.GET("/api/v1/auth/tokens/"));
}

/** The only answer that has the secret. */
export function createToken(body: ApiTokenWrite): Promise<ApiTokenCreated> {
  return dataOf(client.POST("/api/v1/auth/tokens/", { body }));
}

export function revokeToken(tokenId: number): Promise<void> {
  return done(client.DELETE("/api/v1/auth/tokens/{token_id}/", { params: { path: { token_id: tokenId } } }));
}

/** Ends every other session. Throws `ApiError` `auth.invalid_credentials`, `auth.password_weak`. */
export function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  return done(
    client.POST("/api/v1/auth/password/", {
      body: { old_password: oldPassword, new_password: newPassword },
    }),
  );
}

/** What the log-in page may offer. */
export function fetchLoginOptions(): Promise<LoginOptions> {
  return dataOf(client.GET("/api/v1/auth/options/"));
}

/** Sends a link to this address, if somebody has it. */
export function requestPasswordReset(email: string): Promise<void> {
  return done(client.POST("/api/v1/auth/password-reset/", { body: { email } }));
}

/** Throws `ApiError` `auth.reset_invalid`, `auth.password_weak`. */
export function confirmPasswordReset(uid: string, token: string, newPassword: string): Promise<void> {
  return done(
    client.POST("/api/v1/auth/password-reset/confirm/", { body: { uid, token, new_password: newPassword } }),
  );
}

/** A command line that reads with the secret. */
export function curlExample(secret: string): string {
  return `curl -H "Authorization: Token ${secret}" ${window.location.origin}/api/v1/projects/`;
}
