import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Station } from "../../local/stations/station.ts";
import { connectorUuidOf, cpIdOf } from "../../shared/ids.ts";
import { type AttemptsUnderTest, startAttempts } from "../support/attempts.ts";
import { type ApiAnswer, until } from "../support/relay.ts";

let relay: AttemptsUnderTest;

beforeAll(async () => {
  relay = await startAttempts();
});
afterAll(() => relay.stop());

/** Fewer than the network's limit: more would only be refused, and try again. */
const CALLERS = 4;

/** As stations do: until it works. */
function connectAgain(station: Station): void {
  setTimeout(() => station.reconnect().catch(() => connectAgain(station)), 50);
}

describe("200 attempts over 50 stations that lose their connection at every fifth", () => {
  it("are all started, none twice, and leave nothing behind", async () => {
    const settings = { name: "default", parallelRequests: 10, clients: [], authorization: "acceptAll" };
    await relay.call("PUT", "/networks/default", { body: settings });
    let calls = 0;
    const stations: Station[] = [];
    for (let n = 0; n < 50; n++) {
      const station: Station = await relay.station(`many${n}`, {
        connectors: 4,
        handlers: {
          RemoteStartTransaction: async ({ standard }) => {
            const answer = await standard();
            if (++calls % 5 === 0) {
              await station.disconnect({ abrupt: true });
              connectAgain(station);
            }
            return answer;
          },
        },
      });
      stations.push(station);
    }
    const start = async (n: number): Promise<ApiAnswer> => {
      const cpId = cpIdOf("default", `many${n % 50}`);
      const connectorUuid = connectorUuidOf(cpId, Math.floor(n / 50) + 1, 1);
      const answer = await relay.attempt({ cpId, connectorUuid, idTag: `TAG${n}` });
      if (answer.status !== 429) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return start(n);
    };

    const made: ApiAnswer[] = [];
    const waiting = Array.from({ length: 200 }, (_, n) => n);
    const post = async (): Promise<void> => {
      for (let n = waiting.shift(); n !== undefined; n = waiting.shift()) made.push(await start(n));
    };
    await Promise.all(Array.from({ length: CALLERS }, post));

    const refused = made.filter(({ status }) => status !== 201);
    expect(refused, JSON.stringify(refused.map(({ body }) => body))).toEqual([]);
    for (const { body } of made) await relay.becomes(body.id, "started");
    const sent = stations.flatMap((station) =>
      station.calls.filter(({ action }) => action === "RemoteStartTransaction"),
    );
    expect(new Set(sent.map(({ messageId }) => messageId))).toEqual(new Set(made.map(({ body }) => body.id)));
    expect(sent).toHaveLength(200);
    await until(async () => (await relay.get("/networks/default")).body.inUse === 0);
    await relay.noSchedules();
  }, 300_000);
});
