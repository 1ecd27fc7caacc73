import { Alert, Button, Group, Progress, Radio, Stack, Text } from "@mantine/core";
import type { ImageOrder, ImageOrderFigures } from "../../api/ranking";
import type { Job } from "../../api/types";
import { counted } from "../common/formats";
import { JobProgress } from "../jobs/JobProgress";
import { ORDER_LOOKS, ORDERS } from "./orders";
import { ScoreChart } from "./ScoreChart";

interface Props {
  readonly figures: ImageOrderFigures;
  /** That ranks, or ranked; null for none. */
  readonly job: Job | null;
  /** What was chosen a moment ago, and is not said by the server yet. */
  readonly wanted: ImageOrder | null;
  readonly isBusy: boolean;
  readonly onChoose: (order: ImageOrder) => void;
  /** Ranks what came since; null while that is under way. */
  readonly onRank: (() => void) | null;
}

/** Which image people are given next, and how far the ranking is that this needs. */
export function OrderForm({ figures, job, wanted, isBusy, onChoose, onRank }: Props) {
  const { order, ranked, unranked } = figures;
  const total = ranked + unranked;
  const { score } = ORDER_LOOKS[order];
  return (
    <Stack>
      <Radio.Group
        label="Of the images that nobody has begun"
        value={wanted ?? order}
        onChange={(value) => onChoose(value)}
      >
        <Stack gap="sm" mt="sm">
          {ORDERS.map((one) => {
            const isMissing = one === "disagreement" && !figures.has_parent;
            return (
              <Radio
                key={one}
                value={one}
                disabled={isBusy || isMissing}
                label={ORDER_LOOKS[one].name}
                description={
                  isMissing
                    ? `${ORDER_LOOKS[one].explanation} The project’s model was not retrained here.`
                    : ORDER_LOOKS[one].explanation
                }
                data-testid={`order-${one}`}
              />
            );
          })}
        </Stack>
      </Radio.Group>
      {order !== "upload" && (
        <Stack gap="xs">
          {job && job.state !== "succeeded" && <JobProgress job={job} />}
          <Group justify="space-between" gap="sm">
            <Text size="sm" data-testid="order-ranked" data-ranked={ranked} data-unranked={unranked}>
              {ranked.toLocaleString("en")} of {counted(total, "image")} ranked
            </Text>
            {onRank && unranked > 0 && (
              <Button size="xs" variant="default" loading={isBusy} onClick={onRank} data-testid="order-rank">
                Rank the others
              </Button>
            )}
          </Group>
          <Progress
            size="sm"
            value={total === 0 ? 0 : (100 * ranked) / total}
            aria-label="Images that are ranked"
          />
          {unranked > 0 && (
            <Alert color="gray" variant="light" p="xs">
              <Text size="xs">
                Images without a rank come last, by upload. What came since is ranked when somebody takes an
                image; what has no embedding waits for it.
              </Text>
            </Alert>
          )}
        </Stack>
      )}
      {score && ranked > 0 && <ScoreChart name={score} bins={figures.bins} />}
    </Stack>
  );
}
