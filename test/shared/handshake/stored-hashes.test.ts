import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { authenticate } from "../../../shared/handshake/authenticate.ts";
import { addHash, passwordIdsOf, removeUnused } from "../../../shared/handshake/stored-hashes.ts";
import { cpIdOf } from "../../../shared/ids.ts";
import { changeStation } from "../../../shared/stations/change.ts";
import { changedAuth, removeFormer } from "../../../shared/stations/change-auth.ts";
import { importStations } from "../../../shared/stations/import.ts";
import { type Registration, registerStation, renewPassword } from "../../../shared/stations/register.ts";
import { removeStation } from "../../../shared/stations/remove.ts";
import type { StationItem } from "../../../shared/store/items.ts";
import { passwordsKey, stationKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { Killed, mortal } from "../../support/mortal.ts";
import { hashesOf } from "../../support/passwords.ts";
import { startTable, type TestTable } from "../../support/table.ts";

let store: TestTable;
let count = 0;
let identity: string;
let cpId: string;
let now = Date.UTC(2026, 0, 1);
const clock = { now: () => now, sleep: () => Promise.reject(new Error("nothing sleeps here")) };
const connections = { post: async () => "sent" as const, close: async () => {} };

beforeAll(async () => {
  store = await startTable();
});
afterAll(() => store.stop());
beforeEach(() => {
  identity = `HASH-${++count}`;
  cpId = cpIdOf("default", identity);
});

/** What a process has that dies after so many requests. */
const living = (requests = Number.POSITIVE_INFINITY, of: Pick<TestTable, "table" | "passwords"> = store) => ({
  ...mortal(of, requests),
  clock,
  connections,
});
const registration = (password?: string): Registration => ({
  identity,
  networkId: "default",
  link: "broker",
  lock: "none",
  auth: { type: "basic", ...(password !== undefined && { password }) },
});
const station = async () => (await store.table.get<StationItem>(stationKey(cpId))) as StationItem;
const gets = async (password: string | undefined) => {
  const { context } = await authenticate(
    { table: store.table, passwords: store.passwords, clock, random: () => 0 },
    {
      networkId: "default",
      identity,
      source: `192.0.2.${count}`,
      authorization: `Basic ${btoa(`${identity}:${password}`)}`,
    },
  );
  return context !== undefined;
};
const hashes = () => hashesOf(store.passwords, cpId);
/** Exactly the hashes that the station's item names are stored. */
const expectTidy = async () =>
  expect([...(await hashes()).keys()].sort()).toEqual(passwordIdsOf((await station()).auth).sort());
/** Runs an operation until it survives: each time in a process that dies one request later. */
async function dyingAfterEach(
  run: (deps: ReturnType<typeof living>) => Promise<unknown>,
  check: (died: boolean) => Promise<void>,
): Promise<number> {
  for (let requests = 0; ; requests += 1) {
    const died = await run(living(requests)).then(
      () => false,
      (error) => {
        if (!(error instanceof Killed)) throw error;
        return true;
      },
    );
    await check(died);
    if (!died) return requests;
  }
}

describe("a registration", () => {
  it("is two writes, of which the second one registers the station", async () => {
    const requests = await dyingAfterEach(
      (deps) => registerStation(deps, registration("the-password-of-it")),
      async (died) => {
        expect(await gets("the-password-of-it")).toBe(!died);
        expect((await station()) !== undefined).toBe(!died);
      },
    );

    expect(requests).toBe(2);
  });

  it("that is refused leaves no hash and changes no password", async () => {
    await registerStation(living(), registration("the-first-password"));

    await expect(registerStation(living(), registration("another-password"))).rejects.toMatchObject({
      slug: "already-exists",
    });

    expect([await gets("the-first-password"), await gets("another-password")]).toEqual([true, false]);
    await expectTidy();
  });

  it("of an identity that is removed at the same moment keeps its password", async () => {
    await registerStation(living(), registration("the-first-password"));
    const found = await station();
    const passwords: Table = {
      ...store.passwords,
      // the removal deletes the hashes after the other process has added its own
      get: async (key) => {
        const item = await store.passwords.get(key);
        await registerStation(living(), registration("the-second-password"));
        return item as undefined;
      },
    };

    await removeStation(living(undefined, { ...store, passwords }), found);

    expect(await gets("the-second-password")).toBe(true);
    await expectTidy();
  });

  it("whose hash was added before a removal keeps its password", async () => {
    await registerStation(living(), registration("the-first-password"));
    const found = await station();
    const table: Table = {
      ...store.table,
      put: async (...write) => {
        await removeStation(living(), found);
        return store.table.put(...write);
      },
    };

    await registerStation(living(undefined, { ...store, table }), registration("the-second-password"));

    expect(await gets("the-second-password")).toBe(true);
    await expectTidy();
  });
});

describe("an import", () => {
  it("whose process dies is completed by its repeat, with passwords that are valid", async () => {
    const rows = ["a", "b"].map((name) => ({ ...registration(), identity: `${identity}-${name}` }));
    const run = (deps: ReturnType<typeof living>) =>
      importStations(
        deps,
        rows.map((row) => ({ identity: row.identity, registration: async () => row })),
        `import-${count}`,
      );

    let results: Awaited<ReturnType<typeof run>> = [];
    await dyingAfterEach(
      async (deps) => {
        results = await run(deps);
      },
      async () => {},
    );

    for (const result of results) {
      expect(result).toMatchObject({ outcome: "created", password: expect.any(String) });
      identity = result.identity;
      cpId = cpIdOf("default", identity);
      expect(await gets(result.password)).toBe(true);
    }
  });
});

describe("a renewed password", () => {
  it("is stored before the station names it, wherever the process dies", async () => {
    await registerStation(living(), registration(), "request");
    let renewed: string | undefined;

    await dyingAfterEach(
      async (deps) => {
        renewed = await renewPassword(deps, cpId, "request");
      },
      async () => {
        const [named] = passwordIdsOf((await station()).auth);
        expect([...(await hashes()).keys()]).toContain(named);
      },
    );

    expect(await gets(renewed)).toBe(true);
  });

  it("removes the former hash", async () => {
    await registerStation(living(), registration(), "request");

    await renewPassword(living(), cpId, "request");

    expect((await hashes()).size).toBe(1);
    await expectTidy();
  });

  it("of a station of another registration leaves no hash", async () => {
    await registerStation(living(), registration("the-first-password"));

    expect(await renewPassword(living(), cpId, "request")).toBeUndefined();

    await expectTidy();
  });
});

describe("a changed authentication", () => {
  it("replaces the password at one moment, wherever the process dies", async () => {
    await registerStation(living(), registration("the-first-password"));

    await dyingAfterEach(
      async (deps) => {
        const before = await station();
        const wanted = { type: "basic", password: "the-second-password" } as const;
        const { auth } = await changedAuth(deps, before, wanted);
        await changeStation(deps.table, before, { auth });
        await removeFormer(deps, before, auth ?? { type: "none" });
      },
      async () => {
        const valid = [await gets("the-first-password"), await gets("the-second-password")];
        expect(valid.filter(Boolean)).toHaveLength(1);
      },
    );

    expect(await gets("the-second-password")).toBe(true);
  });
});

describe("a removed station", () => {
  it("leaves no hash", async () => {
    await registerStation(living(), registration());

    await removeStation(living(), await station());

    expect(await store.passwords.get(passwordsKey(cpId))).toBeUndefined();
  });

  it("connects with no password, wherever the process of its removal dies", async () => {
    for (let requests = 0; requests < 8; requests += 1) {
      const { password } = await registerStation(living(), registration());
      await removeStation(living(requests), await station()).catch((error) => {
        if (!(error instanceof Killed)) throw error;
      });
      const isThere = (await station()) !== undefined;
      expect(await gets(password)).toBe(isThere);
      if (isThere) await removeStation(living(), await station());
    }
  });
});

describe("a hash that no station names", () => {
  const add = () => addHash(living(), cpId, "left");
  const uses = { used: [], dropped: [] };

  it("stays while the process that added it may be at work, and is removed after that", async () => {
    await registerStation(living(), registration("the-first-password"));
    const used = passwordIdsOf((await station()).auth);
    const id = await add();

    await removeUnused(living(), cpId, { used, dropped: [] });
    expect([...(await hashes()).keys()]).toContain(id);

    now += 11 * 60_000;
    await removeUnused(living(), cpId, { used, dropped: [] });
    await expectTidy();
    expect(await gets("the-first-password")).toBe(true);
  });

  it("is the end of its item when it is the last one", async () => {
    await add();
    now += 11 * 60_000;

    await removeUnused(living(), cpId, uses);

    expect(await store.passwords.get(passwordsKey(cpId))).toBeUndefined();
  });

  it("whose removal fails is no error for the caller", async () => {
    await add();
    now += 11 * 60_000;

    await removeUnused(living(1), cpId, uses);

    expect((await hashes()).size).toBe(1);
  });

  it("is removed from no item that is not there", async () => {
    await removeUnused(living(), cpId, { used: [], dropped: ["x"] });

    expect(await store.passwords.get(passwordsKey(cpId))).toBeUndefined();
  });
});

describe("with lost responses", () => {
  it("a registration, its renewal and its removal leave what they should", async () => {
    const losing = living(undefined, { table: store.losing, passwords: store.losingPasswords });
    await registerStation(losing, registration(), "request");
    await expectTidy();

    const password = await renewPassword(losing, cpId, "request");
    expect(await gets(password)).toBe(true);

    // the renewal did not learn of the former hash
    now += 11 * 60_000;
    await removeStation(losing, await station());
    expect(await store.passwords.get(passwordsKey(cpId))).toBeUndefined();
  });
});
