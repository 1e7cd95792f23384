import { expect, it } from "vitest";
import { eventCatalogue } from "../../../shared/events/catalogue.ts";
import { eventsOf } from "../../../shared/events/changes.ts";
import { connectorUuidOf, cpIdOf } from "../../../shared/ids.ts";
import { validate } from "../../../shared/schema/validate.ts";
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
