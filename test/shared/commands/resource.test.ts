import { describe, expect, it } from "vitest";
import { commandResource } from "../../../shared/commands/resource.ts";
import { Command } from "../../../shared/http/schemas.ts";
import { Problem } from "../../../shared/problems.ts";
import { validate } from "../../../shared/schema/validate.ts";
import { payloadText } from "../../../shared/store/payload.ts";
import { exchange, NOW } from "../../support/exchanges.ts";

const LATER = NOW + 60_000;

/** The resource, held to the schema that the API promises. */
function resourceOf(calls: Parameters<typeof commandResource>[0], now: number) {
  const resource = commandResource(calls, now);
  expect(validate(Command, JSON.parse(JSON.stringify(resource)))).toEqual([]);
  return resource;
}

const answered = (n: number, more = {}) =>
  exchange({
    ocppMessageId: `m${n}`,
    state: "answered",
    messageType: "CALL_RESULT",
    response: payloadText({ status: "Accepted" }),
    answeredAtMs: NOW + 1000 * n,
    completedAtMs: NOW + 1000 * n,
    ...more,
  });
const refused = (n: number) =>
  answered(n, {
    state: "callError",
    messageType: "CALL_ERROR",
    response: payloadText({ errorCode: "InternalError", errorDescription: "no", errorDetails: {} }),
  });

describe("command with one CALL", () => {
  it("is as its CALL is", () => {
    expect(resourceOf([answered(1)], LATER)).toEqual({
      commandId: "m1",
      cpId: exchange({}).cpId,
      command: "reset",
      state: "answered",
      requestedAt: new Date(NOW).toISOString(),
      completedAt: new Date(NOW + 1000).toISOString(),
      calls: [
        {
          ocppMessageId: "m1",
          action: "Reset",
          request: { type: "Soft" },
          response: { status: "Accepted" },
          sentAt: new Date(NOW).toISOString(),
          answeredAt: new Date(NOW + 1000).toISOString(),
        },
      ],
    });
  });

  it("is in progress until its deadline, then timed out, even if that is not stored", () => {
    const sent = exchange({ state: "sent" });
    expect(resourceOf([sent], sent.deadlineMs)).toMatchObject({ state: "sent" });
    expect(resourceOf([sent], sent.deadlineMs)).not.toHaveProperty("completedAt");
    expect(resourceOf([sent], LATER)).toMatchObject({
      state: "timedOut",
      completedAt: new Date(sent.deadlineMs).toISOString(),
      problem: { status: 504, ocppMessageId: "m1", waitedSeconds: 25 },
    });
  });

  it("has failed if it was queued past its deadline", () => {
    const { sentAtMs: _, ...queued } = exchange({ state: "queued" });
    expect(resourceOf([queued], NOW)).toMatchObject({ state: "queued" });
    expect(resourceOf([queued], LATER)).toMatchObject({ state: "failed", problem: { status: 500 } });
  });

  it("contains the problem if it was never sent", () => {
    const problem = new Problem("station-not-connected", "not connected").toDetails();
    const failed = exchange({ state: "failed", completedAtMs: NOW, problem });
    expect(resourceOf([failed], NOW)).toMatchObject({ state: "failed", problem });
  });

  it("is completed by a late answer", () => {
    expect(resourceOf([answered(50, { late: true })], LATER)).toMatchObject({
      state: "answered",
      late: true,
    });
  });

  it("distinguishes a CALLERROR from an answer that violates its schema", () => {
    expect(resourceOf([refused(1)], LATER)).toMatchObject({
      state: "callError",
      problem: { status: 502, errorCode: "InternalError" },
    });
    const violations = [{ pointer: "/status", detail: "is required" }];
    expect(resourceOf([answered(1, { violations })], LATER)).toMatchObject({
      state: "answered",
      problem: { status: 502, errors: violations },
    });
  });
});

describe("command with several CALLs", () => {
  const first = answered(1, { callCount: 3 });

  it("is answered when all are", () => {
    const resource = resourceOf([first, answered(2), answered(3)], LATER);
    expect(resource).toMatchObject({ state: "answered", completedAt: new Date(NOW + 3000).toISOString() });
    expect(resource.calls.map(({ ocppMessageId }) => ocppMessageId)).toEqual(["m1", "m2", "m3"]);
  });

  it("is under way while a CALL is, or is still to be made", () => {
    const second = exchange({ ocppMessageId: "m2", state: "sent" });
    expect(resourceOf([first, second], NOW + 2000)).toMatchObject({ state: "sent" });
    expect(resourceOf([first], NOW + 2000)).toMatchObject({ state: "sent" });
    expect(resourceOf([first, refused(2)], NOW + 2000)).toMatchObject({ state: "sent" });
  });

  it("has timed out if a CALL was not made in time", () => {
    const resource = resourceOf([first, answered(2)], LATER);
    expect(resource).toMatchObject({ state: "timedOut", problem: { status: 504 } });
    expect(resource.completedAt).toBe(new Date(first.deadlineMs).toISOString());
  });

  it("ends with the first CALL that went wrong", () => {
    expect(resourceOf([first, refused(2), answered(3)], LATER)).toMatchObject({ state: "callError" });
    const lost = exchange({ ocppMessageId: "m2", state: "connectionLost", completedAtMs: NOW + 2500 });
    expect(resourceOf([first, lost], NOW + 3000)).toMatchObject({
      state: "connectionLost",
      completedAt: new Date(NOW + 2500).toISOString(),
      problem: { status: 502, ocppMessageId: "m2" },
    });
  });
});
