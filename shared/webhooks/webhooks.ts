/**
 * The webhooks of a network. The secrets are in a table of their own, by ids; the webhook's item decides which of them
 * sign. The item of a new webhook is marked until its secret is added, so that no secret is without an item. Another
 * secret is added before the item names it, and removed after the item has ceased to. remove.ts deletes both.
 */

import type { Clock } from "../clock.ts";
import { notFound, Problem } from "../problems.ts";
import type { Key, ListKey } from "../store/keys.ts";
import { type CursorPage, readPage } from "../store/page.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { type Precondition, requireVersion, versionOf } from "../store/version.ts";
import {
  type DisabledReason,
  type WebhookItem,
  webhookKey,
  webhookListKey,
  webhookSecretsKey,
  webhooksOf,
} from "../store/webhooks.ts";
import { DAY_MS, iso } from "../time.ts";
import { removeWebhook } from "./remove.ts";
import { generateSecret } from "./secret.ts";

/** Each event of the network may become a delivery for each of them. */
export const MAX_WEBHOOKS = 20;

/** How long a secret signs after another one has replaced it. */
const ROTATION_MS = DAY_MS;

export interface WebhookDeps {
  readonly table: Table;
  /** The table of webhook secrets. */
  readonly secrets: Table;
  readonly clock: Pick<Clock, "now">;
  readonly newId: () => string;
}

/** What a caller writes. */
export interface WebhookSettings {
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly secret?: string | undefined;
}

export interface WebhookResource {
  readonly webhookId: string;
  readonly networkId: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly createdAt: string;
  readonly previousSecretUntil?: string;
  readonly disabled?: { readonly reason: DisabledReason; readonly at: string };
  readonly failingSince?: string;
}

export function webhookResource(webhook: WebhookItem, now: number): WebhookResource {
  const { webhookId, networkId, url, events, enabled, createdAtMs, disabled, failingSinceMs } = webhook;
  const untilMs = Math.max(...(webhook.previousSecrets ?? []).map((each) => each.untilMs), 0);
  return {
    webhookId,
    networkId,
    url,
    events,
    enabled,
    createdAt: iso(createdAtMs),
    ...(untilMs > now && { previousSecretUntil: iso(untilMs) }),
    ...(disabled && { disabled: { reason: disabled.reason, at: iso(disabled.atMs) } }),
    ...(failingSinceMs !== undefined && { failingSince: iso(failingSinceMs) }),
  };
}

const contentVersion = ({
  url,
  events,
  enabled,
  secretId,
}: Pick<WebhookItem, "url" | "events" | "enabled" | "secretId">): string =>
  versionOf({ url, events, enabled, secretId });

interface Written {
  readonly webhook: WebhookItem;
  readonly isNew: boolean;
  /** Present if the secret was generated. It is returned only once. */
  readonly secret?: string;
}

/**
 * Creates or replaces a webhook.
 *
 * @throws Problem `precondition-failed`, `too-many-webhooks`
 */
export async function putWebhook(
  deps: WebhookDeps,
  key: Pick<WebhookItem, "networkId" | "webhookId">,
  settings: WebhookSettings,
  precondition?: Precondition,
): Promise<Written> {
  for (;;) {
    const stored = await deps.table.get<WebhookItem>(webhookKey(key.networkId, key.webhookId));
    const before = whole(stored);
    requireVersion(precondition, before?.version);
    // left by a request that died
    if (stored && !before) await removeWebhook(deps, stored);
    const written = before ? await replace(deps, before, settings) : await create(deps, key, settings);
    if (written) return written;
  }
}

/** @returns the webhook, unless its secret is being added or deleted */
const whole = (webhook: WebhookItem | undefined): WebhookItem | undefined =>
  webhook?.transition ? undefined : webhook;

async function create(
  deps: WebhookDeps,
  { networkId, webhookId }: Pick<WebhookItem, "networkId" | "webhookId">,
  { url, events, enabled, secret }: WebhookSettings,
): Promise<Written | undefined> {
  const { table, secrets, clock, newId } = deps;
  const others = await webhooksOfNetwork(table, networkId);
  if (others.length >= MAX_WEBHOOKS)
    throw new Problem("too-many-webhooks", `A network has at most ${MAX_WEBHOOKS} webhooks.`, {
      limit: MAX_WEBHOOKS,
    });
  const uid = newId();
  const secretId = newId();
  const generated = secret === undefined ? generateSecret() : undefined;
  const content = { url, events: [...new Set(events)], enabled, secretId };
  const webhook: WebhookItem = {
    webhookId,
    networkId,
    uid,
    ...content,
    version: contentVersion(content),
    createdAtMs: clock.now(),
  };
  const item = { ...webhookKey(networkId, webhookId), ...webhook };
  const { applied: begun } = await tryWrite(
    table.put({ ...item, transition: "adding" }, "attribute_not_exists(pk)"),
  );
  if (!begun) return undefined;
  await addSecret(deps, { uid, secretId, secret: secret ?? generated ?? "" });
  const { applied } = await tryWrite<WebhookItem>(
    table.put({ ...item, ...webhookListKey(networkId, webhookId) }, "uid = :uid AND transition = :adding", {
      values: { ":uid": uid, ":adding": "adding" },
    }),
    // another request may have changed the webhook since
    (stands) => stands.uid === uid && stands.transition === undefined,
  );
  if (applied) return { webhook, isNew: true, ...(generated !== undefined && { secret: generated }) };
  await secrets.delete(webhookSecretsKey(uid));
  return undefined;
}

async function replace(
  deps: WebhookDeps,
  before: WebhookItem,
  { url, events, enabled, secret }: WebhookSettings,
): Promise<Written | undefined> {
  const { table, clock, newId } = deps;
  const now = clock.now();
  const { networkId, webhookId, uid, createdAtMs, previousSecrets = [] } = before;
  const added =
    secret === undefined
      ? undefined
      : await addSecret(deps, { uid, secretId: newId(), secret, current: before.secretId });
  const secretId = added ?? before.secretId;
  const former = previousSecrets.filter(({ untilMs }) => untilMs > now);
  if (added !== undefined) former.push({ secretId: before.secretId, untilMs: now + ROTATION_MS });
  const content = { url, events: [...new Set(events)], enabled, secretId };
  const isSwitchedOn = enabled && !before.enabled;
  // without the probes of the former settings: what waits is tried again when its lane wakes
  const webhook: WebhookItem = {
    networkId,
    webhookId,
    uid,
    createdAtMs,
    ...content,
    version: contentVersion(content),
    ...(former.length > 0 && { previousSecrets: former }),
    ...(!enabled && before.disabled && { disabled: before.disabled }),
    ...(!isSwitchedOn && before.failingSinceMs !== undefined && { failingSinceMs: before.failingSinceMs }),
  };
  const item = { ...webhookKey(networkId, webhookId), ...webhookListKey(networkId, webhookId), ...webhook };
  const { applied } = await tryWrite(
    table.put(item, "uid = :uid AND #version = :seen", {
      names: { "#version": "version" },
      values: { ":uid": uid, ":seen": before.version },
    }),
  );
  const unused = applied
    ? previousSecrets.filter(({ untilMs }) => untilMs <= now).map((each) => each.secretId)
    : [added ?? []].flat();
  await removeSecrets(deps, uid, unused);
  return applied ? { webhook, isNew: false } : undefined;
}

interface AddedSecret {
  readonly uid: string;
  readonly secretId: string;
  readonly secret: string;
  /** The id of the secret that signs now. */
  readonly current?: string;
}

/** @returns its id; undefined if `current` is the same secret */
async function addSecret(
  { secrets }: WebhookDeps,
  { uid, secretId, secret, current }: AddedSecret,
): Promise<string | undefined> {
  const { applied } = await tryWrite(
    secrets.update({
      key: webhookSecretsKey(uid),
      update: "SET #id = :secret",
      ...(current !== undefined && { condition: "attribute_not_exists(#current) OR #current <> :secret" }),
      names: { "#id": secretId, ...(current !== undefined && { "#current": current }) },
      values: { ":secret": secret },
    }),
  );
  return applied ? secretId : undefined;
}

async function removeSecrets({ secrets }: WebhookDeps, uid: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const names = Object.fromEntries(ids.map((id, n) => [`#unused${n}`, id]));
  await tryWrite(
    secrets.update({
      key: webhookSecretsKey(uid),
      update: `REMOVE ${Object.keys(names).join(", ")}`,
      condition: "attribute_exists(pk)",
      names,
    }),
  );
}

/** All webhooks of a network, strongly consistent. */
export async function webhooksOfNetwork(table: Table, networkId: string): Promise<WebhookItem[]> {
  const webhooks = await table.partition<WebhookItem>(webhookKey(networkId, "").pk);
  return webhooks.flatMap((webhook) => whole(webhook) ?? []);
}

export const findWebhook = async (
  table: Table,
  networkId: string,
  webhookId: string,
): Promise<WebhookItem | undefined> => whole(await table.get<WebhookItem>(webhookKey(networkId, webhookId)));

/** @throws Problem `not-found` */
export async function readWebhook(table: Table, networkId: string, webhookId: string): Promise<WebhookItem> {
  const webhook = await findWebhook(table, networkId, webhookId);
  if (!webhook) throw notFound("webhook");
  return webhook;
}

/** A page of a network's webhooks, by id. */
export async function listWebhooks(
  table: Table,
  networkId: string,
  query: { readonly limit: number; readonly cursor?: string | undefined },
  now: number,
): Promise<CursorPage<WebhookResource>> {
  const { items, ...page } = await readPage<WebhookItem & Key & ListKey>(table, {
    partition: webhooksOf(networkId),
    ...query,
  });
  return { items: items.map((webhook) => webhookResource(webhook, now)), ...page };
}

/**
 * Switches a webhook off.
 *
 * @returns whether it was on
 */
export async function disableWebhook(
  table: Table,
  webhook: WebhookItem,
  reason: DisabledReason,
  now: number,
): Promise<boolean> {
  const { networkId, webhookId, uid } = webhook;
  const { applied } = await tryWrite(
    table.update({
      key: webhookKey(networkId, webhookId),
      update: "SET enabled = :off, disabled = :disabled, #version = :version",
      condition: "uid = :uid AND enabled = :on",
      names: { "#version": "version" },
      values: {
        ":off": false,
        ":on": true,
        ":uid": uid,
        ":disabled": { reason, atMs: now },
        ":version": contentVersion({ ...webhook, enabled: false }),
      },
    }),
  );
  return applied;
}
