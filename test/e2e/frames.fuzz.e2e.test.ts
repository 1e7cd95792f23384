import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionsOf, stationMaySend } from "../../shared/ocpp/actions.ts";
import { FRAME_LIMIT } from "../../shared/ocpp/frame.ts";
import { PROTOCOLS, type Protocol } from "../../shared/ocpp/protocols.ts";
import { payloadSchema, validatePayload } from "../../shared/ocpp/schemas.ts";
import { valuesOf } from "../support/arbitrary-from-schema.ts";
import { mutationsOf } from "../support/mutations.ts";
import { runs } from "../support/property-limits.ts";
import { connectRaw, type RawStation } from "../support/raw-station.ts";
import { type RelayUnderTest, startRelay } from "../support/relay.ts";

const FRAMES = runs(600).numRuns;
const BATCH = 50;

let relay: RelayUnderTest;

beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.stop());

interface Sent {
  readonly text: string;
  /** The action, where the frame is a CALL that must be answered with a CALLRESULT. */
  readonly valid?: string;
}

/** Valid CALLs, mutated CALLs, unsolicited answers, and noise. */
async function framesOf(protocol: Protocol): Promise<fc.Arbitrary<(id: string) => Sent>> {
  const actions = [...actionsOf(protocol)].filter((action) => stationMaySend(protocol, action));
  const calls = fc.oneof(
    ...(await Promise.all(
      actions.map(async (action) => {
        const payloads = valuesOf(await payloadSchema(protocol, action, "request"));
        return payloads.map((payload) => ({ action, payload }));
      }),
    )),
  );
  const json = (value: unknown) => JSON.stringify(value) ?? "null";
  return fc.oneof(
    {
      weight: 4,
      arbitrary: calls.map(({ action, payload }) => (id: string) => ({
        text: json([2, id, action, payload]),
        valid: action,
      })),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(calls, mutationsOf()).map(([{ action, payload }, mutate]) => (id: string) => ({
        text: json([2, id, action, mutate(payload)]),
      })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(calls, mutationsOf()).map(([{ action, payload }, mutate]) => (id: string) => ({
        text: json(mutate([2, id, action, payload])),
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(3, 4, 5, 6, 7, -1), fc.jsonValue())
        .map(([type, payload]) => (id: string) => ({ text: json([type, id, payload]) })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(calls, fc.nat()).map(([{ action, payload }, cut]) => (id: string) => {
        const text = json([2, id, action, payload]);
        return { text: text.slice(0, cut % text.length) };
      }),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1 }).map((text) => () => ({ text })) },
  );
}

/** Reads frames until each of these ids has come. */
async function readUntil(station: RawStation, ids: Set<string>, seen: unknown[][]): Promise<void> {
  const ended = station.closed.then(({ code }) => {
    throw new Error(`the connection was closed with ${code}; unanswered: ${[...ids]}`);
  });
  while (ids.size > 0) {
    const frame = await Promise.race([station.next(), ended]);
    // An object is API Gateway's own answer for a function that failed.
    if (!Array.isArray(frame)) throw new Error(`${JSON.stringify(frame)}; unanswered: ${[...ids]}`);
    seen.push(frame);
    ids.delete(String(frame[1]));
  }
  ended.catch(() => {});
}

describe.each([...PROTOCOLS])("a %s station that sends anything", (protocol) => {
  it(`gets ${FRAMES} frames through: no crash, every valid CALL answered, nothing invalid back`, async () => {
    const identity = `fuzz-${protocol}`;
    const password = await relay.register(identity);
    const station = await connectRaw(`${relay.local.stationUrl}/ocpp/${identity}`, {
      identity,
      password,
      protocols: [protocol],
    });
    relay.local.resetMetrics();
    const seed = Date.now();
    const makers = fc.sample(await framesOf(protocol), { numRuns: FRAMES, seed });
    const sent = new Map<string, Sent>();
    const answers: unknown[][] = [];

    for (let from = 0; from < makers.length; from += BATCH) {
      for (const [offset, make] of makers.slice(from, from + BATCH).entries()) {
        const id = `f${from + offset}`;
        const frame = make(id);
        // a larger one closes the connection, which is another test's matter
        if (Buffer.byteLength(frame.text) > FRAME_LIMIT) continue;
        sent.set(id, frame);
        station.send(frame.text);
      }
      station.send(JSON.stringify([2, `end${from}`, "Heartbeat", {}]));
      const ids = Array.from({ length: BATCH }, (_, offset) => `f${from + offset}`);
      const mustBeAnswered = ids.filter((id) => sent.get(id)?.valid);
      await readUntil(station, new Set([...mustBeAnswered, `end${from}`]), answers);
    }

    expect(station.socket.readyState, `seed ${seed}`).toBe(station.socket.OPEN);
    for (const answer of answers) {
      const [type, id, ...rest] = answer;
      expect([3, 4], `${JSON.stringify(answer)}, seed ${seed}`).toContain(type);
      const valid = sent.get(String(id))?.valid;
      if (valid !== undefined) {
        expect(type, `${sent.get(String(id))?.text} → ${JSON.stringify(answer)}, seed ${seed}`).toBe(3);
        expect(await validatePayload(protocol, valid, "response", rest[0])).toEqual([]);
      }
      if (type === 4) {
        const [code, description, details] = rest;
        expect(answer).toHaveLength(5);
        expect([typeof code, typeof description, typeof details]).toEqual(["string", "string", "object"]);
        expect(code, `${sent.get(String(id))?.text}, seed ${seed}`).not.toBe("InternalError");
      }
    }
    const { errors } = relay.local.metrics().functions["station-message"] ?? { errors: 0 };
    expect(errors).toBe(0);
    await station.close();
  }, 120_000);
});
