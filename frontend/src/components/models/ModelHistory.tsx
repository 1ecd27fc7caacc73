import { Text } from "@mantine/core";
import type { ModelChange } from "../../api/types";
import { sinceWhen } from "../common/formats";
import { modelName, reasonText } from "./modelTexts";

/** The models a project had, the newest change first. */
export function ModelHistory({ changes }: { readonly changes: readonly ModelChange[] }) {
  const now = new Date();
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        The project has had this model from its beginning.
      </Text>
    );
  }
  return (
    <ol className="model-history" aria-label="Changes of the model" data-testid="model-history">
      {changes.map(({ at, actor, reason, before, after }) => (
        <li key={`${at} ${after.id}`} data-reason={reason}>
          <Text size="sm">
            <b>{modelName(after)}</b>, before {modelName(before)}
          </Text>
          <Text size="xs" c="dimmed">
            {reasonText(reason)} · {actor?.display_name ?? "The server"},{" "}
            <time dateTime={at}>{sinceWhen(new Date(at), now)}</time>
          </Text>
        </li>
      ))}
    </ol>
  );
}
