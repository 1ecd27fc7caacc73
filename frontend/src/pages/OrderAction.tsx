import { Button, Group, Modal, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconSortDescending } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { describeError } from "../api/errors";
import { chooseOrder, startRanking, type ImageOrder } from "../api/ranking";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { OrderForm } from "../components/project/OrderForm";
import { ORDER_LOOKS } from "../components/project/orders";
import { isUnfinished } from "./JobItem";
import { keys } from "./queries";
import type { Order } from "./useOrder";

interface Props {
  readonly order: Order;
  /** Images have other ranks. */
  readonly onChanged: () => void;
}

/** Which image people are given next: a line that says it, and the dialog where it is chosen. */
export function OrderAction({ order: { projectId, mayChoose, figures }, onChanged }: Props) {
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  // Waited for: until then what was chosen is shown.
  const readAnew = () => queryClient.invalidateQueries({ queryKey: keys.imageOrder(projectId) });
  const tell = (error: unknown) =>
    notifications.show({
      color: "orange",
      title: "The order stays as it was",
      message: describeError(error).message,
    });
  const choice = useMutation({
    mutationFn: (wanted: ImageOrder) => chooseOrder(projectId, wanted),
    onSuccess: onChanged,
    onError: tell,
    onSettled: readAnew,
  });
  const start = useMutation({
    mutationFn: () => startRanking(projectId),
    onError: tell,
    onSettled: readAnew,
  });
  const { data } = figures;
  const isRanking = data?.ranking ? isUnfinished(data.ranking) : false;
  const wasRanking = useRef(false);
  useEffect(() => {
    if (wasRanking.current && !isRanking) onChanged();
    wasRanking.current = isRanking;
  }, [isRanking, onChanged]);
  if (!mayChoose || (!data && !figures.isError)) return null;
  if (!data) {
    return (
      <ErrorNotice
        title="The order of the images could not be loaded"
        error={describeError(figures.error)}
        onRetry={() => void figures.refetch()}
      />
    );
  }
  return (
    <>
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<IconSortDescending size={15} />}
          onClick={() => setOpen(true)}
          data-testid="order-open"
          data-order={data.order}
        >
          Given out: {ORDER_LOOKS[data.order].name.toLowerCase()}
        </Button>
        {isRanking && (
          <Text size="xs" c="dimmed" data-testid="order-busy">
            ranking, {data.ranked.toLocaleString("en")} of{" "}
            {(data.ranked + data.unranked).toLocaleString("en")}
          </Text>
        )}
      </Group>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Which image next">
        <OrderForm
          figures={data}
          wanted={choice.isPending ? choice.variables : null}
          job={data.ranking}
          isBusy={choice.isPending || start.isPending}
          onChoose={(wanted) => choice.mutate(wanted)}
          onRank={isRanking ? null : () => start.mutate()}
        />
      </Modal>
    </>
  );
}
