import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent } from "react";
import type { Webhook, WebhookEvent, WebhookWrite } from "../../api/types";
import { EVENTS } from "./webhookTexts";

interface Props {
  /** The one to be changed; null makes a new one. */
  readonly webhook: Webhook | null;
  readonly isSaving: boolean;
  readonly onSave: (wanted: WebhookWrite) => void;
  readonly onCancel: () => void;
}

/** Where requests go, and what they tell of. */
export function WebhookForm({ webhook, isSaving, onSave, onCancel }: Props) {
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [events, setEvents] = useState<readonly WebhookEvent[]>(webhook?.events ?? []);
  const save = (event: SyntheticEvent) => {
    event.preventDefault();
    onSave({ url: url.trim(), description: description.trim(), events: [...events] });
  };
  return (
    <form onSubmit={save}>
      <Stack>
        <TextInput
          label="Address"
          description="Requests are posted there. It must be on the public internet and begin with https://."
          placeholder="https://example.org/anymask"
          required
          maxLength={500}
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          data-autofocus
          data-testid="webhook-url"
        />
        <TextInput
          label="Description"
          placeholder="What it is for"
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          data-testid="webhook-description"
        />
        <Checkbox.Group label="Tell it when" value={[...events]} onChange={(chosen) => setEvents(chosen)}>
          <Stack gap="xs" mt={6}>
            {EVENTS.map((event) => (
              <Checkbox key={event.value} value={event.value} label={event.label} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={isSaving}
            disabled={url.trim() === "" || events.length === 0}
            data-testid="webhook-save"
          >
            {webhook ? "Save" : "Make the webhook"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
