import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteNetwork } from "../../../shared/networks/networks.ts";
import { networkKey } from "../../../shared/store/keys.ts";
import { type WebhookItem, webhookKey, webhookSecretsKey } from "../../../shared/store/webhooks.ts";
import { deleteWebhook, deleteWebhooks } from "../../../shared/webhooks/remove.ts";
import {
  findWebhook,
  listWebhooks,
  putWebhook,
  type WebhookDeps,
  webhooksOfNetwork,
} from "../../../shared/webhooks/webhooks.ts";
import { Killed, mortal } from "../../support/mortal.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let networks = 0;

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());

/** A network, and what requests do to it that may die. */
function world() {
  const networkId = `remove-${networks++}`;
  const uids: string[] = [];
  const newId = () => {
    uids.push(randomUUID());
    return String(uids.at(-1));
  };
  const depsOf = ({ table, passwords }: Pick<TestTable, "table" | "passwords">): WebhookDeps => ({
    ...{ table, secrets: passwords, newId },
    clock: { now: () => 0 },
  });
  const put = (deps: WebhookDeps, webhookId = "hook") =>
    putWebhook(deps, { networkId, webhookId }, { url: "https://a.example/", events: ["*"], enabled: true });
  const removeNetwork = (deps: WebhookDeps) =>
    deleteNetwork(deps.table, networkId, {
      precondition: undefined,
      deleteWebhooks: () => deleteWebhooks(deps, networkId),
    });
  /** The ids under which secrets are stored, and those of the webhooks that are stored. */
  const stored = async () => {
    const items = await store.table.partition<WebhookItem>(webhookKey(networkId, "").pk);
    const secrets = await Promise.all(
      uids.map(async (uid) => ((await store.passwords.get(webhookSecretsKey(uid))) ? [uid] : [])),
    );
    return { secrets: secrets.flat(), webhooks: items.map(({ uid }) => uid) };
  };
  const whole = depsOf(store);
  return {
    networkId,
    whole,
    depsOf,
    dying: (requests: number) => depsOf(mortal(store, requests)),
    put,
    removeNetwork,
    stored,
  };
}

type World = ReturnType<typeof world>;

/** Runs a request that dies after 0, 1, … requests of its own to the tables, each time in another world. */
async function dieAnywhere(
  prepare: (world: World) => Promise<unknown>,
  request: (world: World, deps: WebhookDeps) => Promise<unknown>,
  check: (world: World) => Promise<unknown>,
): Promise<number> {
  for (let requests = 0; ; requests++) {
    const one = world();
    await prepare(one);
    try {
      await request(one, one.dying(requests));
      return requests;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    const { secrets, webhooks } = await one.stored();
    expect([requests, webhooks]).toEqual([requests, expect.arrayContaining(secrets)]);
    // a webhook that reads as one can sign
    for (const { uid } of await webhooksOfNetwork(store.table, one.networkId)) expect(secrets).toContain(uid);
    await check(one);
  }
}

/** A request that stops before its request number `at` to the tables until it is let go. */
function pausing(at: number) {
  const paused = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let requests = 0;
  const pausable = <T extends object>(table: T): T =>
    new Proxy(table, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...args: unknown[]) => {
          if (requests++ === at) {
            paused.resolve();
            await gate.promise;
          }
          return Reflect.apply(method, target, args);
        };
      },
    });
  const tables = { table: pausable(store.table), passwords: pausable(store.passwords) };
  return { tables, paused: paused.promise, go: gate.resolve };
}

const twoWebhooks = async ({ put, whole }: World) => {
  for (const webhookId of ["hook", "other"]) await put(whole, webhookId);
};

describe("the secrets of webhooks", () => {
  it("are deleted with their network, wherever the request dies that the next one completes", async () => {
    const steps = await dieAnywhere(
      async (one) => {
        await store.table.put({ ...networkKey(one.networkId), networkId: one.networkId, clients: [] });
        await twoWebhooks(one);
      },
      ({ removeNetwork }, deps) => removeNetwork(deps),
      async (one) => {
        // the last request deletes the network
        await one.removeNetwork(one.whole).catch(({ slug }) => expect(slug).toBe("not-found"));
        expect(await one.stored()).toEqual({ secrets: [], webhooks: [] });
      },
    );
    expect(steps).toBeGreaterThan(6);
  });

  it("are deleted with their webhook, wherever the request dies that the next one completes", async () => {
    const steps = await dieAnywhere(
      twoWebhooks,
      ({ networkId }, deps) => deleteWebhook(deps, networkId, "hook"),
      async ({ networkId, whole, stored }) => {
        await deleteWebhook(whole, networkId, "hook").catch(({ slug }) => expect(slug).toBe("not-found"));
        const { secrets, webhooks } = await stored();
        expect([secrets.length, secrets]).toEqual([1, webhooks]);
      },
    );
    expect(steps).toBeGreaterThan(3);
  });

  it("have an item wherever the request dies that creates the webhook, and the next one creates it anew", async () => {
    const steps = await dieAnywhere(
      async () => {},
      ({ put }, deps) => put(deps),
      async ({ put, whole, stored }) => {
        const { secret, isNew } = await put(whole);
        // the last write of the first request may have been applied
        expect([isNew, secret !== undefined]).toEqual([isNew, isNew]);
        const { secrets, webhooks } = await stored();
        expect([secrets.length, secrets]).toEqual([1, webhooks]);
      },
    );
    expect(steps).toBeGreaterThan(3);
  });

  it.each(["PUT", "DELETE"] as const)(
    "sign for each webhook there is, whenever a %s meets a creation",
    async (method) => {
      for (let created = 0; created < 6; created++)
        for (let other = 0; other < 6; other++) {
          const one = world();
          const [first, second] = [pausing(created), pausing(other)];
          const creation = one.put(one.depsOf(first.tables));
          await Promise.race([first.paused, creation]);
          const deps = one.depsOf(second.tables);
          const request =
            method === "PUT"
              ? one.put(deps)
              : deleteWebhook(deps, one.networkId, "hook").catch(({ slug }) =>
                  expect(slug).toBe("not-found"),
                );
          await Promise.race([second.paused, request]);
          first.go();
          await creation;
          second.go();
          await request;

          const { secrets, webhooks } = await one.stored();
          expect([created, other, secrets]).toEqual([created, other, webhooks]);
          for (const { uid, secretId } of await webhooksOfNetwork(store.table, one.networkId))
            expect(await store.passwords.get(webhookSecretsKey(uid))).toHaveProperty([secretId]);
        }
    },
  );

  it("are deleted after the webhook reads as absent, in the list, too", async () => {
    const one = world();
    await twoWebhooks(one);
    await expect(deleteWebhook(one.dying(2), one.networkId, "hook")).rejects.toThrow(Killed);

    expect(await findWebhook(store.table, one.networkId, "hook")).toBeUndefined();
    const { items } = await listWebhooks(store.table, one.networkId, { limit: 10 }, 0);
    expect(items.map(({ webhookId }) => webhookId)).toEqual(["other"]);
    const { isNew, secret } = await one.put(one.whole);
    expect([isNew, typeof secret]).toEqual([true, "string"]);
    expect((await one.stored()).secrets).toHaveLength(2);
  });
});
