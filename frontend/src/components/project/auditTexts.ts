import type { AuditEntry } from "../../api/types";

/** What the log is searched by: the beginning of the actions, and what people call them. */
export const AUDIT_KINDS: readonly { readonly value: string; readonly label: string }[] = [
  { value: "project.", label: "Project and model" },
  { value: "label.", label: "Labels and attributes" },
  { value: "member.", label: "Members" },
  { value: "invitation.", label: "Invitations" },
  { value: "image", label: "Images" },
  { value: "tag.", label: "Tags" },
  { value: "work.", label: "Assignments and reviews" },
  { value: "export.", label: "Exports" },
  { value: "training.", label: "Trainings" },
  { value: "webhook.", label: "Webhooks" },
  { value: "proposals.", label: "Proposals" },
  { value: "consensus.", label: "Consensus rounds" },
  { value: "quality_check.", label: "Release checks" },
  { value: "evaluation.", label: "Evaluations" },
  { value: "release.", label: "Releases" },
  { value: "ground_truth.", label: "Ground truth" },
];

type Data = Readonly<Record<string, unknown>>;

const TEXTS: Readonly<Record<string, (subject: string, data: Data) => string>> = {
  "project.changed": (_, data) => `changed the project: ${changesText(data)}`,
  "project.model_switched": (_, data) =>
    `switched the model: ${changesText(data)}${reasonText(data["reason"])}`,
  "training.started": (subject) => `started a training of ${subject}`,
  "proposals.started": (_, data) =>
    `let the model propose masks on ${Number(data["images"]).toLocaleString("en")} images`,
  "evaluation.started": (subject, data) => `started an evaluation (${said(data["task"])}) of ${subject}`,
  "fairness.started": (subject) => `started a fairness report of ${subject}`,
  "project.privacy_changed": (_, data) => `changed what is blurred in new images: ${changesText(data)}`,
  "label.created": (subject) => `made the label ${subject}`,
  "label.changed": (subject, data) => `changed the label ${subject}: ${changesText(data)}`,
  "label.deleted": (subject) => `deleted the label ${subject}`,
  "label.attributes_changed": (subject, data) =>
    `changed the attributes of ${subject}: ${attributesText(data["before"])} became ${attributesText(data["after"])}`,
  "member.joined": (subject, data) => `${subject} joined as ${said(data["role"])}`,
  "member.role_changed": (subject, data) => `changed what ${subject} may do: ${changesText(data)}`,
  "member.removed": (subject) => `took ${subject} out of the project`,
  "member.left": () => "left the project",
  "invitation.made": (subject, data) => `invited ${subject || "somebody"} as ${said(data["role"])}`,
  "invitation.revoked": (subject) => `took back the invitation of ${subject || "somebody"}`,
  "images.uploaded": (subject, data) => uploadText(subject, Number(data["created"])),
  "images.tagged": (subject, data) =>
    `tagged ${Number(data["images"]).toLocaleString("en")} images: ${subject}`,
  "tag.created": (subject) => `made the tag ${subject}`,
  "tag.changed": (subject, data) => `changed the tag ${subject}: ${changesText(data)}`,
  "tag.deleted": (subject) => `deleted the tag ${subject}`,
  "image.original_fetched": (subject) => `fetched the original of ${subject}`,
  "image.deleted": (subject) => `deleted the image ${subject}`,
  "webhook.made": (subject) => `made a webhook to ${subject}`,
  "webhook.changed": (subject, data) => `changed the webhook to ${subject}: ${changesText(data)}`,
  "webhook.rotated": (subject) => `gave the webhook to ${subject} another secret`,
  "webhook.deleted": (subject) => `deleted the webhook to ${subject}`,
  "webhook.switched_off": (subject, data) =>
    `switched off the webhook to ${subject}: ${data["reason"] === "webhook.gone" ? "the receiver is gone" : "nothing could be delivered for days"}`,
  "export.taken": (subject) => `exported as ${subject.toUpperCase()}`,
  "work.assigned": (_, data) => assignmentText(data),
  "work.order_changed": (_, data) => `changed which image comes next: ${changesText(data)}`,
  "work.accepted": (subject) => `accepted ${subject}`,
  "work.rejected": (subject, data) => `rejected ${subject}: ${said(data["reason"])}`,
  "work.reopened": (subject, data) => `reopened ${subject}: ${said(data["reason"])}`,
  "consensus.begun": (subject, data) =>
    `began the consensus round ${subject}: ${Number(data["images"]).toLocaleString("en")} images, ${Number(data["annotators_per_image"])} people each`,
  "consensus.closed": (subject) => `closed the consensus round ${subject}`,
  "consensus.resolved": (subject, data) =>
    `resolved ${subject} by ${data["way"] === "merge" ? "merging" : "picking one person's masks"}`,
  "consensus.reopened": (subject) => `took back the resolution of ${subject}`,
  "quality_check.begun": (subject, data) =>
    `began the release check ${subject}: ${Number(data["masks"]).toLocaleString("en")} masks on ${Number(data["images"]).toLocaleString("en")} images`,
  "quality_check.closed": (subject) => `closed the release check ${subject}`,
  "quality_check.applied": (subject) => `took over the corrections of the release check ${subject}`,
  "release.taken": (subject) => `took the release ${subject}`,
  "ground_truth.marked": (subject) => `made ${subject} a ground truth`,
  "ground_truth.unmarked": (subject) => `made ${subject} an ordinary image again`,
  "ground_truth.rate_changed": (_, data) => `changed how often a ground truth is given: ${changesText(data)}`,
};

/** What somebody did, to follow their name. An action this page does not know yet is told by its own name. */
export function auditText({
  action,
  subject,
  data,
}: Pick<AuditEntry, "action" | "subject" | "data">): string {
  return TEXTS[action]?.(subject, data) ?? [action, subject].filter(Boolean).join(": ");
}

/** "name: Cats became Dogs; description rewritten". */
function changesText({ changed, rewritten }: Data): string {
  const pairs = Object.entries((changed ?? {}) as Record<string, readonly unknown[]>);
  const told = pairs.map(
    ([name, [before, after]]) => `${words(name)}: ${said(before)} became ${said(after)}`,
  );
  const long = ((rewritten ?? []) as readonly string[]).map((name) => `${words(name)} rewritten`);
  return [...told, ...long].join("; ");
}

const MODEL_REASONS: Readonly<Record<string, string>> = {
  promoted: ", retrained and better",
  promoted_though_worse: ", retrained, though it is not better",
  rolled_back: ", rolled back",
};

function reasonText(reason: unknown): string {
  return MODEL_REASONS[String(reason)] ?? "";
}

function uploadText(first: string, count: number): string {
  if (count === 1) return `added the image ${first}`;
  return `added ${count.toLocaleString("en")} images, ${first} the first`;
}

function assignmentText({ given }: Data): string {
  const shares = (given ?? []) as readonly { readonly name: string | null; readonly count: number }[];
  return `assigned images: ${shares.map(({ name, count }) => `${count} to ${name ?? "everybody"}`).join(", ")}`;
}

function attributesText(attributes: unknown): string {
  const names = (attributes as readonly { readonly name: string }[]).map(({ name }) => name);
  return names.length > 0 ? names.join(", ") : "none";
}

function said(value: unknown): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.map(said).join(", ") || "nothing";
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : "nothing";
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}
