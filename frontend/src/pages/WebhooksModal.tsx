import { Button, Loader, Modal, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { describeError } from "../api/errors";
import type { Project, Webhook, WebhookSecret, WebhookUpdate, WebhookWrite } from "../api/types";
import {
  createWebhook,
  deleteWebhook,
  fetchWebhooks,
  pingWebhook,
  rotateSecret,
  updateWebhook,
} from "../api/webhooks";
import { ErrorNotice } from "../components/common/ErrorNotice";
import { SecretNotice } from "../components/webhooks/SecretNotice";
import { VerifyHelp } from "../components/webhooks/VerifyHelp";
import { WebhookForm } from "../components/webhooks/WebhookForm";
import { WebhookList } from "../components/webhooks/WebhookList";
import { keys } from "./queries";
import { WebhookDeliveries } from "./WebhookDeliveries";

interface Props {
  readonly project: Project;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

type View =
  | { readonly kind: "list" }
  | { readonly kind: "form"; readonly webhook: Webhook | null }
  | { readonly kind: "log"; readonly id: number };

const LIST: View = { kind: "list" };

/** Other programs that are told what happens in the project. */
export function WebhooksModal({ project, isOpen, onClose }: Props) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Webhooks" size="xl">
      <Webhooks project={project} />
    </Modal>
  );
}

function Webhooks({ project }: { readonly project: Project }) {
  const [view, setView] = useState<View>(LIST);
  // Secrets stay no longer than the dialogue.
  const [secret, setSecret] = useState<WebhookSecret | null>(null);
  const webhooks = useQuery({
    queryKey: keys.webhooks(project.id),
    queryFn: () => fetchWebhooks(project.id),
  });
  const changes = useWebhookChanges(project, { setView, setSecret });
  const shown = view.kind === "log" ? webhooks.data?.find(({ id }) => id === view.id) : null;
  if (view.kind === "form") {
    return (
      <Stack>
        {changes.save.isError && (
          <ErrorNotice title="The webhook was not saved" error={describeError(changes.save.error)} />
        )}
        <WebhookForm
          webhook={view.webhook}
          isSaving={changes.save.isPending}
          onSave={(wanted) => changes.save.mutate({ id: view.webhook?.id ?? null, wanted })}
          onCancel={() => {
            changes.save.reset();
            setView(LIST);
          }}
        />
      </Stack>
    );
  }
  if (shown) return <WebhookDeliveries webhook={shown} onBack={() => setView(LIST)} />;
  return (
    <Stack>
      {secret && <SecretNotice made={secret} onClose={() => setSecret(null)} />}
      {webhooks.isPending && <Loader size="sm" aria-label="Loading the webhooks" />}
      {webhooks.isError && (
        <ErrorNotice
          title="The webhooks could not be loaded"
          error={describeError(webhooks.error)}
          onRetry={() => void webhooks.refetch()}
        />
      )}
      {webhooks.data?.length === 0 && (
        <Text size="sm" c="dimmed" data-testid="webhooks-none">
          There are no webhooks. One tells a program of yours what happens here, by a signed request to an
          address that you name.
        </Text>
      )}
      {webhooks.data && webhooks.data.length > 0 && (
        <WebhookList
          webhooks={webhooks.data}
          onSwitch={({ id }, isActive) => changes.update.mutate({ id, wanted: { is_active: isActive } })}
          onPing={(webhook) => changes.ping.mutate(webhook)}
          onShowLog={({ id }) => setView({ kind: "log", id })}
          onEdit={(webhook) => setView({ kind: "form", webhook })}
          onRotate={changes.confirmRotating}
          onDelete={changes.confirmDeleting}
        />
      )}
      {webhooks.data && (
        <>
          <Button
            style={{ alignSelf: "flex-start" }}
            leftSection={<IconPlus size={16} />}
            onClick={() => setView({ kind: "form", webhook: null })}
            data-testid="webhook-new"
          >
            New webhook
          </Button>
          <VerifyHelp />
        </>
      )}
    </Stack>
  );
}

interface Show {
  readonly setView: (view: View) => void;
  readonly setSecret: (secret: WebhookSecret | null) => void;
}

function useWebhookChanges(project: Project, { setView, setSecret }: Show) {
  const queryClient = useQueryClient();
  const onSettled = () => queryClient.invalidateQueries({ queryKey: keys.webhooks(project.id) });
  const save = useMutation({
    mutationFn: async ({ id, wanted }: { id: number | null; wanted: WebhookWrite }) => {
      if (id === null) setSecret(await createWebhook(project.id, wanted));
      else await updateWebhook(id, wanted);
    },
    onSuccess: () => setView(LIST),
    onSettled,
  });
  const update = useMutation({
    mutationFn: ({ id, wanted }: { id: number; wanted: WebhookUpdate }) => updateWebhook(id, wanted),
    onError: showRefusal,
    onSettled,
  });
  const rotate = useMutation({
    mutationFn: async ({ id }: Webhook) => setSecret(await rotateSecret(id)),
    onError: showRefusal,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: ({ id }: Webhook) => deleteWebhook(id),
    onSuccess: () => setSecret(null),
    onError: showRefusal,
    onSettled,
  });
  const ping = useMutation({
    mutationFn: ({ id }: Webhook) => pingWebhook(id),
    // What becomes of it is what one wants to see.
    onSuccess: async (_, { id }) => {
      await queryClient.invalidateQueries({ queryKey: keys.deliveries(id) });
      setView({ kind: "log", id });
    },
    onError: showRefusal,
  });
  const confirmRotating = (webhook: Webhook) =>
    modals.openConfirmModal({
      title: "Make a new secret?",
      children: <Text size="sm">Requests are signed with both for a day, then with the new one only.</Text>,
      labels: { confirm: "Make it", cancel: "Keep the present one" },
      onConfirm: () => rotate.mutate(webhook),
    });
  const confirmDeleting = (webhook: Webhook) =>
    modals.openConfirmModal({
      title: "Delete the webhook?",
      children: (
        <Text size="sm">{webhook.url} is told nothing any more, and the list of deliveries goes.</Text>
      ),
      labels: { confirm: "Delete", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(webhook),
    });
  return { save, update, ping, confirmRotating, confirmDeleting };
}

function showRefusal(error: unknown): void {
  notifications.show({
    color: "orange",
    title: "Nothing was changed",
    message: describeError(error).message,
  });
}
