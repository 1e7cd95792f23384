/** Webhooks and deliveries, as the API describes them in `GET /openapi.json`. */
export interface Webhook {
  readonly webhookId: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly secret?: string;
  readonly disabled?: { readonly reason: string; readonly at: string };
  readonly failingSince?: string;
}

export interface Delivery {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly type: string;
  readonly state: string;
  readonly attempts: readonly {
    readonly at: string;
    readonly status?: number;
    readonly error?: string;
    readonly durationMs: number;
  }[];
  readonly nextAttemptAt?: string;
}
