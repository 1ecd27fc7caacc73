const SENTENCES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "auth.oidc_cancelled": "The log-in was cancelled.",
    "auth.oidc_inactive": "This account is shut. Ask whoever runs this server.",
    "auth.oidc_ambiguous": "Several people here have your e-mail address. Ask whoever runs this server.",
    "auth.oidc_taken": "Your e-mail address belongs to somebody who logs in with another account there.",
  }),
);
const OTHERWISE = "Logging in there did not work. Try again, or ask whoever runs this server.";

/** Why somebody who went to log in elsewhere came back, as the log-in page's address says; null where it says nothing. */
export function refusalOf(search: string): { code: string; message: string } | null {
  const code = new URLSearchParams(search).get("refused");
  return code === null ? null : { code, message: SENTENCES.get(code) ?? OTHERWISE };
}
