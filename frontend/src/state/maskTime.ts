/**
 * Whether people are told that they have been at one mask for long: when it was begun, if it is time, else null. `since` and
 * `worked` are seconds at work, as `ActiveClock.settledSeconds` counts them, so that no pause brings the moment nearer.
 */
export function dueSince(limit: number | null, since: number | null, worked: number): number | null {
  if (limit === null || since === null) return null;
  return worked - since >= limit ? since : null;
}
