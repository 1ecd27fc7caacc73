import { ActionIcon, Badge, Button, Code, Group, Stack, Table, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconRefresh } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import type { Delivery } from "../../api/types";
import { errorText, STATES, untilWhen } from "./webhookTexts";

interface Props {
  readonly deliveries: readonly Delivery[];
  /** Of the one that is being asked for; null while none is. */
  readonly redeliveringId: number | null;
  /** Null where nothing can be sent: the webhook is off. */
  readonly onRedeliver: ((delivery: Delivery) => void) | null;
}

/** What was and will be delivered, the newest first; each opens to what was sent and answered. */
export function DeliveryLog({ deliveries, redeliveringId, onRedeliver }: Props) {
  const [openId, setOpenId] = useState<number | null>(null);
  const now = new Date();
  return (
    <Table verticalSpacing={6} data-testid="delivery-log">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={36} aria-label="Details" />
          <Table.Th>Event</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th ta="right">Answer</Table.Th>
          <Table.Th ta="right">Took</Table.Th>
          <Table.Th>When</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {deliveries.map((delivery) => (
          <Fragment key={delivery.id}>
            <Table.Tr data-testid="delivery" data-state={delivery.state} data-event={delivery.event}>
              <Table.Td>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-expanded={openId === delivery.id}
                  aria-label={`What was sent as ${delivery.event}`}
                  onClick={() => setOpenId(openId === delivery.id ? null : delivery.id)}
                  data-testid="delivery-open"
                >
                  {openId === delivery.id ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
                </ActionIcon>
              </Table.Td>
              <Table.Td>
                <Text size="sm">{delivery.event}</Text>
              </Table.Td>
              <Table.Td>
                <Badge
                  variant="light"
                  tt="none"
                  color={STATES[delivery.state].color}
                  // The colours themselves lack contrast on their own tints.
                  c="var(--mantine-color-text)"
                >
                  {STATES[delivery.state].label}
                </Badge>
                {delivery.state === "failed" && delivery.next_try_at !== null && (
                  <Text size="xs" className="faint">
                    again {untilWhen(new Date(delivery.next_try_at), now)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right">
                <Text size="sm">{delivery.response_code ?? "–"}</Text>
              </Table.Td>
              <Table.Td ta="right">
                <Text size="sm" style={{ whiteSpace: "nowrap" }}>
                  {took(delivery.seconds)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="xs" className="faint" style={{ whiteSpace: "nowrap" }}>
                  {new Date(delivery.created_at).toLocaleString("en", {
                    dateStyle: "medium",
                    timeStyle: "medium",
                  })}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-xs"
                  variant="default"
                  leftSection={<IconRefresh size={12} />}
                  loading={redeliveringId === delivery.id}
                  disabled={onRedeliver === null}
                  onClick={() => onRedeliver?.(delivery)}
                  data-testid="delivery-again"
                >
                  Send again
                </Button>
              </Table.Td>
            </Table.Tr>
            {openId === delivery.id && (
              <Table.Tr>
                <Table.Td colSpan={7}>
                  <Details delivery={delivery} />
                </Table.Td>
              </Table.Tr>
            )}
          </Fragment>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Details({ delivery }: { readonly delivery: Delivery }) {
  const error = errorText(delivery);
  return (
    <Stack gap="xs" pb="xs" data-testid="delivery-details">
      <Group gap="lg">
        <Text size="xs" c="dimmed">
          webhook-id <Code>{delivery.message_id}</Code>
        </Text>
        <Text size="xs" c="dimmed">
          {delivery.attempts === 1 ? "1 try" : `${delivery.attempts} tries`}
          {error && `, the latest: ${error}`}
        </Text>
      </Group>
      <div>
        <Text size="xs" fw={600}>
          Sent
        </Text>
        <Code block fz="xs">
          {JSON.stringify(delivery.payload, null, 2)}
        </Code>
      </div>
      {delivery.response_text && (
        <div>
          <Text size="xs" fw={600}>
            Answered
          </Text>
          <Code block fz="xs" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {delivery.response_text}
          </Code>
        </div>
      )}
    </Stack>
  );
}

function took(seconds: number | null): string {
  if (seconds === null) return "–";
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}
