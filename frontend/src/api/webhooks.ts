import { client, dataOf, done } from "./client";
import { cursorOf } from "./projects";
import type { Delivery, Webhook, WebhookSecret, WebhookUpdate, WebhookWrite } from "./types";

export interface DeliveryPage {
  readonly deliveries: readonly Delivery[];
  readonly cursor: string | null;
}

const of = (webhookId: number) => ({ params: { path: { webhook_id: webhookId } } });

export function fetchWebhooks(projectId: number): Promise<Webhook[]> {
  return dataOf(
    client.GET("/api/v1/projects/{project_id}/webhooks/", { params: { path: { project_id: projectId } } }),
  );
}

/** The answer has the secret, which no later one tells. */
export function createWebhook(projectId: number, body: WebhookWrite): Promise<WebhookSecret> {
  return dataOf(
    client.POST("/api/v1/projects/{project_id}/webhooks/", {
      params: { path: { project_id: projectId } },
      body,
    }),
  );
}

export function updateWebhook(webhookId: number, body: WebhookUpdate): Promise<Webhook> {
  return dataOf(client.PATCH("/api/v1/webhooks/{webhook_id}/", { ...of(webhookId), body }));
}

export function deleteWebhook(webhookId: number): Promise<void> {
  return done(client.DELETE("/api/v1/webhooks/{webhook_id}/", of(webhookId)));
}

/** Another secret, told only now; the present one signs as well for a day. */
export function rotateSecret(webhookId: number): Promise<WebhookSecret> {
  return dataOf(client.POST("/api/v1/webhooks/{webhook_id}/rotate/", of(webhookId)));
}

export function pingWebhook(webhookId: number): Promise<Delivery> {
  return dataOf(client.POST("/api/v1/webhooks/{webhook_id}/ping/", of(webhookId)));
}

/** The newest first, from a cursor on. */
export async function fetchDeliveries(webhookId: number, cursor: string | null): Promise<DeliveryPage> {
  const page = await dataOf(
    client.GET("/api/v1/webhooks/{webhook_id}/deliveries/", {
      params: { path: { webhook_id: webhookId }, query: cursor ? { cursor } : {} },
    }),
  );
  return { deliveries: page.results, cursor: cursorOf(page.next) };
}

export function redeliver(deliveryId: number): Promise<Delivery> {
  return dataOf(
    client.POST("/api/v1/deliveries/{delivery_id}/redeliver/", {
      params: { path: { delivery_id: deliveryId } },
    }),
  );
}
