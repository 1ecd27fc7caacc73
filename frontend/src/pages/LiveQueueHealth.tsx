import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { describeError } from "../api/errors";
import { fetchQueueHealth } from "../api/jobs";
import { QueueHealth } from "../components/jobs/QueueHealth";
import { BUSY_POLL_MS, IDLE_POLL_MS } from "./JobItem";
import { keys } from "./queries";

/** The workers and their queues as they are now; asked for more often while something waits. */
export function LiveQueueHealth() {
  const health = useQuery({
    queryKey: keys.queue,
    queryFn: fetchQueueHealth,
    refetchInterval: ({ state }) => (state.data && isBusy(state.data) ? BUSY_POLL_MS : IDLE_POLL_MS),
  });
  if (health.data) return <QueueHealth health={health.data} now={new Date()} />;
  if (!health.isError) return <Skeleton height={120} radius="md" />;
  return (
    <Text size="sm" className="faint" role="status">
      How the workers are could not be loaded: {describeError(health.error).message}
    </Text>
  );
}

function isBusy({ embeddings, jobs }: Awaited<ReturnType<typeof fetchQueueHealth>>): boolean {
  return embeddings.queued + embeddings.running + jobs.queued + jobs.running > 0;
}
