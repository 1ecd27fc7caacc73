import type { Delivery, Webhook, WebhookEvent } from "../../api/types";

export const EVENTS: readonly { readonly value: WebhookEvent; readonly label: string }[] = [
  { value: "image.submitted", label: "An image is submitted for review" },
  { value: "image.accepted", label: "An image is accepted" },
  { value: "image.rejected", label: "An image is sent back" },
  { value: "export.ready", label: "An export is ready" },
  { value: "model.ready", label: "A retrained model is ready" },
];

export const STATES: Readonly<Record<Delivery["state"], { readonly label: string; readonly color: string }>> =
  {
    waiting: { label: "waiting", color: "blue" },
    delivered: { label: "delivered", color: "green" },
    failed: { label: "failed", color: "orange" },
    given_up: { label: "given up", color: "red" },
  };

const ERRORS: Readonly<Record<string, string>> = {
  "webhook.dns": "nobody knows this host",
  "webhook.address": "the host is not on the public internet",
  "webhook.connect": "no connection",
  "webhook.tls": "the certificate is not valid for this host",
  "webhook.timeout": "no answer within 10 seconds",
  "webhook.answer": "the answer is no HTTP",
  "webhook.redirect": "redirects are not followed",
  "webhook.status": "the receiver refused it",
  "webhook.worker_lost": "the server stopped in the middle",
  "webhook.off": "the webhook was switched off",
};

const OFF: Readonly<Record<string, string>> = {
  "webhook.gone": "Switched off by the server: the receiver answered that it is gone (410).",
  "webhook.failing": "Switched off by the server: nothing could be delivered for days.",
};

/** What came of the latest try. A code this page does not know yet is told as it is. */
export function errorText({ error_code: code }: Pick<Delivery, "error_code">): string {
  return code && (ERRORS[code] ?? code);
}

/** Why it is off, or how it does; empty where all is well. */
export function troubleText({
  is_active: isActive,
  off_code: offCode,
  consecutive_failures: failures,
}: Pick<Webhook, "is_active" | "off_code" | "consecutive_failures">): string {
  if (!isActive) return offCode ? (OFF[offCode] ?? offCode) : "";
  if (failures === 0) return "";
  return failures === 1 ? "The latest try failed." : `The latest ${failures} tries failed.`;
}

/** "in 5 min", for what is tried again at that time. */
export function untilWhen(then: Date, now: Date): string {
  const seconds = Math.max(0, (then.getTime() - now.getTime()) / 1000);
  if (seconds < 60) return "in a moment";
  if (seconds < 3600) return `in ${Math.round(seconds / 60)} min`;
  return `in ${Math.round(seconds / 3600)} h`;
}
