/**
 * Deletes webhooks with their secrets. An item is marked as removed before its secret is deleted, and deleted after it:
 * a function that dies in between leaves no secret that no item names, and no webhook that cannot sign. The next
 * deletion of the webhook or of its network, or the next PUT, completes the work.
 */

import { atOnce } from "../at-once.ts";
import { notFound } from "../problems.ts";
import { type Table, tryWrite } from "../store/table.ts";
import { type Precondition, requireVersion } from "../store/version.ts";
import { type WebhookItem, webhookKey, webhookSecretsKey } from "../store/webhooks.ts";

export interface RemoveDeps {
  readonly table: Table;
  /** The table of webhook secrets. */
  readonly secrets: Table;
}

/** @throws Problem `not-found`, `precondition-failed` */
export async function deleteWebhook(
  deps: RemoveDeps,
  networkId: string,
  webhookId: string,
  precondition?: Precondition,
): Promise<void> {
  for (;;) {
    const webhook = await deps.table.get<WebhookItem>(webhookKey(networkId, webhookId));
    if (!webhook) throw notFound("webhook");
    requireVersion(precondition, webhook.version);
    if (await removeWebhook(deps, webhook)) return;
  }
}

/** Deletes the webhooks of a network. */
export async function deleteWebhooks(deps: RemoveDeps, networkId: string): Promise<void> {
  const { pk } = webhookKey(networkId, "");
  for (;;) {
    const webhooks = await deps.table.partition<WebhookItem>(pk);
    if (webhooks.length === 0) return;
    await atOnce(AT_ONCE, webhooks, (webhook) => removeWebhook(deps, webhook));
  }
}

const AT_ONCE = 10;

/**
 * A creation that is not over finds its item marked, and adds the webhook anew.
 *
 * @returns whether the webhook is gone: false where another request has written it since it was read
 */
export async function removeWebhook(
  { table, secrets }: RemoveDeps,
  { networkId, webhookId, uid, version, transition }: WebhookItem,
): Promise<boolean> {
  const key = webhookKey(networkId, webhookId);
  const { applied, item } = await tryWrite<WebhookItem>(
    table.update({
      key,
      // it leaves the list, too
      update: "SET transition = :removing REMOVE gsi1pk, gsi1sk",
      condition: `uid = :uid AND #version = :seen AND ${transition ? "transition = :transition" : "attribute_not_exists(transition)"}`,
      names: { "#version": "version" },
      values: {
        ":removing": "removing",
        ":uid": uid,
        ":seen": version,
        ...(transition && { ":transition": transition }),
      },
    }),
  );
  const isMarked = applied || (item?.uid === uid && item.transition === "removing");
  if (!isMarked && item) return false;
  await secrets.delete(webhookSecretsKey(uid));
  await tryWrite(table.delete(key, "uid = :uid", { values: { ":uid": uid } }));
  return true;
}
