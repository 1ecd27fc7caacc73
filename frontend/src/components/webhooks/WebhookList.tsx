import { ActionIcon, Badge, Button, Card, Group, Menu, Stack, Switch, Text } from "@mantine/core";
import {
  IconBroadcast,
  IconDots,
  IconKey,
  IconListDetails,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import type { Webhook } from "../../api/types";
import { troubleText } from "./webhookTexts";

interface Actions {
  readonly onSwitch: (webhook: Webhook, isActive: boolean) => void;
  readonly onPing: (webhook: Webhook) => void;
  readonly onShowLog: (webhook: Webhook) => void;
  readonly onEdit: (webhook: Webhook) => void;
  readonly onRotate: (webhook: Webhook) => void;
  readonly onDelete: (webhook: Webhook) => void;
}

interface Props extends Actions {
  readonly webhooks: readonly Webhook[];
}

/** The webhooks there are, each with how it does. */
export function WebhookList({ webhooks, ...actions }: Props) {
  return (
    <Stack gap="sm" data-testid="webhook-list">
      {webhooks.map((webhook) => (
        <WebhookCard key={webhook.id} webhook={webhook} {...actions} />
      ))}
    </Stack>
  );
}

function WebhookCard({ webhook, ...actions }: Actions & { readonly webhook: Webhook }) {
  const trouble = troubleText(webhook);
  const name = webhook.description || webhook.url;
  return (
    <Card withBorder padding="sm" data-testid="webhook" data-active={webhook.is_active}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          {webhook.description && (
            <Text size="sm" fw={600} truncate>
              {webhook.description}
            </Text>
          )}
          <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
            {webhook.url}
          </Text>
        </div>
        <Switch
          checked={webhook.is_active}
          label={webhook.is_active ? "On" : "Off"}
          aria-label={`Send events to ${name}`}
          onChange={(event) => actions.onSwitch(webhook, event.currentTarget.checked)}
        />
      </Group>
      <Group gap={6} mt="xs">
        {webhook.events.map((event) => (
          <Badge key={event} variant="light" tt="none">
            {event}
          </Badge>
        ))}
      </Group>
      {trouble && (
        <Text size="sm" mt="xs" c="var(--app-error)" data-testid="webhook-trouble">
          {trouble}
        </Text>
      )}
      <Group gap="xs" mt="sm">
        <Button
          size="xs"
          variant="light"
          leftSection={<IconBroadcast size={14} />}
          disabled={!webhook.is_active}
          onClick={() => actions.onPing(webhook)}
          data-testid="webhook-ping"
        >
          Send a ping
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconListDetails size={14} />}
          onClick={() => actions.onShowLog(webhook)}
          data-testid="webhook-log"
        >
          Deliveries
        </Button>
        <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <ActionIcon
              variant="default"
              size={30}
              aria-label={`More for ${name}`}
              data-testid="webhook-more"
            >
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => actions.onEdit(webhook)}>
              Change
            </Menu.Item>
            <Menu.Item leftSection={<IconKey size={14} />} onClick={() => actions.onRotate(webhook)}>
              New secret
            </Menu.Item>
            <Menu.Item
              c="var(--app-error)"
              leftSection={<IconTrash size={14} />}
              onClick={() => actions.onDelete(webhook)}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Card>
  );
}
