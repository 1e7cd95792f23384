import { describe, expect, it } from "vitest";
import { eventCatalogue } from "../../../shared/events/catalogue.ts";
import { eventsOf } from "../../../shared/events/changes.ts";
import { connectorUuidOf, cpIdOf } from "../../../shared/ids.ts";
import { validate } from "../../../shared/schema/validate.ts";
import { bulkKey } from "../../../shared/store/bulk.ts";
import { stationKey } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";

const cpId = cpIdOf("default", "CP1");
const station = {
  cpId,
  networkId: "default",
  identity: "CP1",
  connectors: { "1/1": { evseId: 1, connectorId: 1, lock: "none" } },
  connectorStatus: {},
};

async function eventsOfStation(before: object | undefined, after: object | undefined) {
  // the events of a station's item need no read
  const events = await eventsOf({} as Table, stationKey(cpId), { before, after }, 0);
  for (const { type, data } of events)
    expect(validate(eventCatalogue[type].data, { eventId: "1", ...data })).toEqual([]);
  return events;
}

it("eventsOf publishes a boot once, with secrets masked", async () => {
  const boot = JSON.stringify({ chargePointVendor: "V", apiKey: "hidden" });
  const booted = { ...station, boot, bootAt: "2026-11-28T07:00:00.000Z" };

  const events = await eventsOfStation(station, booted);

  expect(events).toEqual([
    {
      type: "station.boot",
      data: {
        networkId: "default",
        cpId,
        identity: "CP1",
        bootAt: booted.bootAt,
        boot: { chargePointVendor: "V", apiKey: "***" },
      },
    },
  ]);
  expect(await eventsOfStation(booted, { ...booted, lane: [] })).toEqual([]);
});

it("eventsOf publishes a connector's status where it differs from the one before", async () => {
  const available = { ...station, connectorStatus: { "1/1": { status: "Available", atMs: 0 } } };
  const repeated = { ...station, connectorStatus: { "1/1": { status: "Available", atMs: 1 } } };
  const faulted = {
    ...station,
    connectorStatus: { "1/1": { status: "Faulted", errorCode: "GroundFailure", atMs: 2 } },
  };

  expect((await eventsOfStation(station, available)).map(({ data }) => data.status)).toEqual(["Available"]);
  expect(await eventsOfStation(available, repeated)).toEqual([]);
  expect(await eventsOfStation(repeated, faulted)).toMatchObject([
    {
      type: "connector.status",
      data: {
        connectorUuid: connectorUuidOf(cpId, 1, 1),
        status: "Faulted",
        errorCode: "GroundFailure",
        previousStatus: "Available",
      },
    },
  ]);
});

it("eventsOf publishes neither boot nor status where a station is deleted", async () => {
  const all = {
    ...station,
    boot: "{}",
    bootAt: "x",
    connectorStatus: { "1/1": { status: "Available", atMs: 0 } },
  };
  expect(await eventsOfStation(all, undefined)).toEqual([]);
});

describe("eventsOf publishes a violation", () => {
  const kinds = [
    "BootNotification /chargePointModel maxLength",
    "BootNotification /a b/* additionalProperties",
  ];
  const lastViolation = { at: "2026-11-28T07:00:00.000Z", action: "BootNotification" };
  const connection = { connectionId: "c1", protocol: "ocpp1.6", connectedAtMs: 0 };
  const connected = { ...station, connection };
  const violating = { ...connected, violationCount: 1, violationKinds: new Set(kinds), lastViolation };

  it("with each kind that is new on the connection", async () => {
    const first = await eventsOfStation(connected, violating);
    expect(first).toEqual([
      {
        type: "station.violation",
        data: {
          networkId: "default",
          cpId,
          identity: "CP1",
          connectionId: "c1",
          action: "BootNotification",
          violations: [
            { pointer: "/a b/*", keyword: "additionalProperties" },
            { pointer: "/chargePointModel", keyword: "maxLength" },
          ],
          at: lastViolation.at,
        },
      },
    ]);
    const more = new Set([...kinds, "BootNotification  messageId"]);
    expect(await eventsOfStation(violating, { ...violating, violationKinds: more })).toMatchObject([
      { data: { violations: [{ pointer: "", keyword: "messageId" }] } },
    ]);
  });

  it("once on each connection", async () => {
    const again = { ...violating, violationCount: 2 };
    expect(await eventsOfStation(violating, again)).toEqual([]);
    const { violationKinds: _, ...reconnected } = again;
    expect(await eventsOfStation(again, reconnected)).toEqual([]);
    expect(await eventsOfStation(reconnected, { ...again, violationCount: 3 })).toHaveLength(1);
  });
});

describe("eventsOf publishes the end of a bulk command", () => {
  const bulk = {
    bulkId: "b1",
    networkId: "default",
    command: "reset",
    state: "running",
    total: 2,
    next: 2,
    workers: {},
    parked: 0,
    parallel: 1,
    offline: "skip",
    failureLimit: 3,
    requestedAtMs: 0,
    expiresAt: 0,
    accepted: 1,
    refused: 0,
    failed: 0,
    unknown: 0,
    skipped: 1,
  };
  const completed = { ...bulk, state: "completed", completedAtMs: 1000 };
  const eventsOfBulk = (before: object | undefined, after: object | undefined) =>
    eventsOf({} as Table, bulkKey("b1"), { before, after }, 0);

  it("once, with its counts", async () => {
    const [event, ...more] = await eventsOfBulk(bulk, completed);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: "bulk.completed",
      data: {
        networkId: "default",
        bulkId: "b1",
        state: "completed",
        completedAt: "1970-01-01T00:00:01.000Z",
      },
    });
    expect(event?.data.counts).toMatchObject({ total: 2, accepted: 1, skipped: 1 });
    expect(validate(eventCatalogue["bulk.completed"].data, { eventId: "1", ...event?.data })).toEqual([]);
    expect(await eventsOfBulk(completed, { ...completed, expiresAt: 1 })).toEqual([]);
  });

  it("no sooner", async () => {
    expect(await eventsOfBulk(undefined, bulk)).toEqual([]);
    expect(await eventsOfBulk(bulk, { ...bulk, state: "cancelled" })).toEqual([]);
    expect(await eventsOfBulk(completed, undefined)).toEqual([]);
  });
});
