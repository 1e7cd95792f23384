import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AttemptEvent, asOf, transition } from "../../../shared/attempts/attempt.ts";
import { attemptResource } from "../../../shared/attempts/resource.ts";
import type { AttemptItem, AttemptState } from "../../../shared/store/items.ts";
import { newAttempt, T0 } from "../../support/attempt-item.ts";

const MINUTE = 60_000;
const problem = { type: "about:blank", title: "", status: 500, detail: "" };

const sending = { type: "sending", atMs: T0 } as const;
const accepted = { type: "answered", status: "Accepted", atMs: T0 + 1000 } as const;
const started = {
  type: "started",
  transactionId: "7",
  startedAtMs: T0 + 2000,
  evseId: 2,
  connectorId: 1,
  proof: "idTag",
  atMs: T0 + 3000,
} as const;
const stopped = { type: "stopped", transactionId: "7", stoppedAtMs: T0 + 9000, atMs: T0 + 9000 } as const;

/** The attempt after these events, none of which may be refused. */
const having = (...events: AttemptEvent[]): AttemptItem =>
  events.reduce((attempt, event) => {
    const next = transition(attempt, event);
    if (!next) throw new Error(`${event.type} was refused in ${attempt.state}`);
    return next;
  }, newAttempt());

const stateAfter = (...events: AttemptEvent[]): AttemptState => having(...events).state;

describe("transition", () => {
  it.each<[AttemptState, AttemptEvent[]]>([
    ["pending", []],
    ["sent", [sending]],
    ["accepted", [sending, accepted]],
    ["rejected", [sending, { ...accepted, status: "Rejected" }]],
    ["started", [sending, accepted, started]],
    ["started", [sending, started]],
    ["started", [sending, started, accepted]],
    ["stopping", [sending, started, { type: "stopAnswered", status: "Accepted", sentAtMs: T0, atMs: T0 }]],
    ["stopped", [sending, accepted, started, stopped]],
    ["expired", [{ type: "expire", atMs: T0 + 10 * MINUTE }]],
    ["expired", [sending, { ...accepted, atMs: T0 + 11 * MINUTE }]],
    ["started", [sending, { type: "expire", atMs: T0 + 10 * MINUTE }, started]],
    ["cancelled", [{ type: "cancel", atMs: T0 }]],
    ["failed", [{ type: "fail", problem, atMs: T0 }]],
    ["failed", [sending, { type: "callError", problem, atMs: T0 }]],
    ["pending", [sending, { type: "notSent", sendingAtMs: T0, atMs: T0 }]],
  ])("leads to %s (%#)", (state, events) => {
    expect(stateAfter(...events)).toBe(state);
  });

  it.each<[string, AttemptEvent[], AttemptEvent]>([
    ["a charge before it was sent", [], started],
    ["an answer before it was sent", [], accepted],
    ["a cancellation once it is sent", [sending], { type: "cancel", atMs: T0 }],
    ["a failure to send once it is sent", [sending], { type: "fail", problem, atMs: T0 }],
    ["a second start once it is answered", [sending, accepted], sending],
    ["sending after expiry", [], { ...sending, atMs: T0 + 10 * MINUTE }],
    ["a charge by its token after expiry", [sending], { ...started, startedAtMs: T0 + 10 * MINUTE }],
    ["a charge from before it was sent", [sending], { ...started, startedAtMs: T0 - 11 * MINUTE }],
    ["another charge", [sending, started], { ...started, transactionId: "8" }],
    ["another charge's end", [sending, started], { ...stopped, transactionId: "8" }],
    ["taking back what another run sent", [sending], { type: "notSent", sendingAtMs: T0 - 1, atMs: T0 }],
    ["a stop before it is due", [sending, started], { type: "stopDue", atMs: T0 + MINUTE }],
    ["a charge after it was rejected", [sending, { ...accepted, status: "Rejected" }], started],
  ])("refuses %s", (_, events, event) => {
    expect(transition(having(...events), event)).toBeUndefined();
  });

  it("lets a remoteStartId prove a charge at any time after it was sent", () => {
    const byId = {
      ...started,
      proof: "remoteStartId",
      startedAtMs: T0 + 60 * MINUTE,
      atMs: T0 + 60 * MINUTE,
    };

    expect(stateAfter(sending, { type: "expire", atMs: T0 + 10 * MINUTE }, byId as AttemptEvent)).toBe(
      "started",
    );
    expect(transition(newAttempt(), byId as AttemptEvent)).toBeUndefined();
  });

  it("counts stopMinutes from the start, which cannot be before the CALL or ahead of now", () => {
    const early = transition(
      { ...having(sending), stopMinutes: 5 },
      { ...started, startedAtMs: T0 - MINUTE },
    );
    const ahead = transition(
      { ...having(sending), stopMinutes: 5 },
      { ...started, startedAtMs: T0 + MINUTE },
    );

    expect(early).toMatchObject({
      startedAtMs: T0,
      stopDueAtMs: T0 + 5 * MINUTE,
      validUntilMs: T0 + 10 * MINUTE,
    });
    expect(ahead).toMatchObject({ startedAtMs: started.atMs, stopDueAtMs: started.atMs + 5 * MINUTE });
  });

  it("goes on charging where the station refuses to stop, and asks no more", () => {
    const due = T0 + 6 * MINUTE;
    const running = transition({ ...having(sending), stopMinutes: 5 }, started) as AttemptItem;
    const stopping = transition(running, { type: "stopDue", atMs: due }) as AttemptItem;
    const refused = transition(stopping, {
      ...{ type: "stopAnswered", status: "Rejected" },
      ...{ sentAtMs: due, atMs: due },
    });

    expect(stopping.state).toBe("stopping");
    expect(refused?.state).toBe("started");
    expect(transition(refused as AttemptItem, { type: "stopDue", atMs: due + 1 })).toBeUndefined();
  });

  describe("asks a station that had not heard the transaction's id once more,", () => {
    const due = T0 + 6 * MINUTE;
    const stopping = () =>
      transition(transition({ ...having(sending), stopMinutes: 5 }, started) as AttemptItem, {
        type: "stopDue",
        atMs: due,
      }) as AttemptItem;
    const refusal = (sentAtMs: number, atMs: number) =>
      ({ type: "stopAnswered", status: "Rejected", sentAtMs, atMs }) as const;
    const idAnswered = { type: "idAnsweredAgain", atMs: due + 100 } as const;

    it.each<[string, AttemptEvent[]]>([
      ["after it refused", [refusal(due, due + 50), idAnswered]],
      ["before it refused", [idAnswered, refusal(due, due + 150)]],
      [
        "where two functions hear the same refusal",
        [refusal(due, due + 50), idAnswered, refusal(due, due + 150)],
      ],
      ["where the stop left while the answer was on its way", [idAnswered, refusal(due + 110, due + 150)]],
    ])("%s", (_, events) => {
      const after = events.reduce((attempt, event) => transition(attempt, event) as AttemptItem, stopping());

      expect(after).toMatchObject({ state: "started", stopRound: 1 });
      expect(transition(after, { type: "stopDue", atMs: due + 2_100 })?.state).toBe("stopping");
      const refused = transition(after, refusal(due + 2_100, due + 2_150)) as AttemptItem;
      expect(transition(refused, { type: "stopDue", atMs: due + 3_000 })).toBeUndefined();
    });

    it("but not one that has accepted the stop", () => {
      const accepted = { ...refusal(due, due + 50), status: "Accepted" };
      expect(transition(transition(stopping(), accepted) as AttemptItem, idAnswered)).toBeUndefined();
    });
  });

  it("changes nothing by an event that comes again, and never goes back in its history", () => {
    const statuses = fc.constantFrom("Accepted", "Rejected");
    const atMs = fc.integer({ min: T0, max: T0 + 15 * MINUTE });
    const transactionId = fc.constantFrom("7", "8");
    const event: fc.Arbitrary<AttemptEvent> = fc.oneof(
      fc.record({ type: fc.constantFrom("expire", "cancel", "stopDue", "sending", "idAnsweredAgain"), atMs }),
      fc.record({ type: fc.constant("answered" as const), status: statuses, atMs }),
      fc.record({ type: fc.constant("stopAnswered" as const), status: statuses, sentAtMs: atMs, atMs }),
      fc.record({
        type: fc.constantFrom("fail" as const, "callError" as const, "stopUnanswered" as const),
        problem: fc.constant(problem),
        atMs,
      }),
      fc.record({
        ...{ type: fc.constant("started" as const), transactionId, startedAtMs: atMs, atMs },
        proof: fc.constantFrom("idTag" as const, "remoteStartId" as const),
      }),
      fc.record({ type: fc.constant("stopped" as const), transactionId, stoppedAtMs: atMs, atMs }),
    );

    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.boolean(), (events, isSent) => {
        let attempt: AttemptItem = { ...(isSent ? having(sending) : newAttempt()), stopMinutes: 1 };
        for (const one of events) {
          const next = transition(attempt, one);
          if (!next) continue;
          expect(next.history.slice(0, attempt.history.length)).toEqual(attempt.history);
          expect(next.history.at(-1)?.state).toBe(next.state);
          expect([undefined, attempt.transactionId ?? next.transactionId]).toContain(attempt.transactionId);
          const again = transition(next, one);
          if (again) expect(again).toBe(next);
          attempt = next;
        }
        expect(asOf(attempt, T0 + 15 * MINUTE).state).not.toMatch(/pending|sent|accepted/);
      }),
    );
  });
});

describe("the problem of an attempt", () => {
  it("is returned unchanged, also as 0.1.0 stored it", () => {
    const failed = having({ type: "fail", problem: { ...problem, errorDetails: { "": 1e-200 } }, atMs: T0 });

    expect(attemptResource(failed).problem).toEqual({ ...problem, errorDetails: { "": 1e-200 } });
    expect(attemptResource({ ...newAttempt(), problem }).problem).toEqual(problem);
  });
});
