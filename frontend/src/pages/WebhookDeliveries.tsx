import { Anchor, Loader, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import type { Delivery, Webhook } from "../api/types";
import { fetchDeliveries, redeliver } from "../api/webhooks";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { ShowMore } from "../components/common/ShowMore";
import { DeliveryLog } from "../components/webhooks/DeliveryLog";
import { keys } from "./queries";

const WAITING_POLL_MS = 1_500;
const POLL_MS = 15_000;

interface Props {
  readonly webhook: Webhook;
  readonly onBack: () => void;
}

/** What one webhook was told, kept up to date while it is looked at. */
export function WebhookDeliveries({ webhook, onBack }: Props) {
  const queryClient = useQueryClient();
  const queryKey = keys.deliveries(webhook.id);
  const log = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => fetchDeliveries(webhook.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ deliveries }) => deliveries.some(isWaiting)) ? WAITING_POLL_MS : POLL_MS,
  });
  const again = useMutation({
    mutationFn: (delivery: Delivery) => redeliver(delivery.id),
    onError: (error) =>
      notifications.show({ color: "orange", title: "Not sent", message: describeError(error).message }),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  const deliveries = log.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <Stack>
      <div>
        <Anchor component="button" type="button" size="sm" onClick={onBack} data-testid="webhook-back">
          All webhooks
        </Anchor>
        <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {webhook.url}
        </Text>
      </div>
      {log.isPending && <Loader size="sm" aria-label="Loading the deliveries" />}
      {log.isError && (
        <ErrorNotice
          title="The deliveries could not be loaded"
          error={describeError(log.error)}
          onRetry={() => void log.refetch()}
        />
      )}
      {log.data && deliveries.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was sent yet. What is sent is listed here for 30 days.
        </Text>
      )}
      {deliveries.length > 0 && (
        <DeliveryLog
          deliveries={deliveries}
          redeliveringId={again.isPending ? again.variables.id : null}
          onRedeliver={webhook.is_active ? (delivery) => again.mutate(delivery) : null}
        />
      )}
      <ShowMore query={log}>Show earlier ones</ShowMore>
    </Stack>
  );
}

function isWaiting({ state }: Delivery): boolean {
  return state === "waiting";
}
