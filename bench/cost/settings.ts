/** What settings of a deployment change of the bill, and what former ways of doing things would. */
import { type FunctionSpec, functionIds, functionSpecs } from "../../infra/functions.ts";
import { assumed, type Measured, profile, ratesOf } from "./model.ts";
import { operationNames, operations } from "./operations.ts";

type Change = (measured: Measured) => Measured;

const withFixed =
  (fixed: Partial<Measured["fixed"]>): Change =>
  (measured) => ({ ...measured, fixed: { ...measured.fixed, ...fixed } });

const withHeartbeat =
  (about: Partial<Measured["operations"]["Heartbeat"]>): Change =>
  (measured) => {
    const { Heartbeat, ...others } = measured.operations;
    return { ...measured, operations: { ...others, Heartbeat: { ...Heartbeat, ...about } } };
  };

const heartbeatInterval =
  (seconds: number): Change =>
  (measured) => ({
    ...measured,
    profile: { ...profile, ...measured.profile, Heartbeat: (24 * 3600) / seconds },
  });

/** Each Heartbeat is an entry of the log, as each MeterValues is. */
const logHeartbeats: Change = (measured) => {
  const { dynamodb, capacity } = measured.operations.MeterValues;
  return withHeartbeat({ dynamodb, capacity })(measured);
};

/** The answer to a station's CALL is what the function returns: no post for which a function waits. */
const answersByRoute: Change = (measured) => ({
  ...measured,
  operations: Object.fromEntries(
    operationNames.map((name) => {
      const counts = measured.operations[name];
      return [name, { ...counts, posts: Math.max(0, counts.posts - operations[name].stationCalls) }];
    }),
  ) as Measured["operations"],
});

/** Invocations in environments that are kept warm cost less for their time, which is not counted. */
const keepWarm =
  (environments: number): Change =>
  (measured) => {
    const kept = functionIds.filter((id) => (functionSpecs[id] as FunctionSpec).isKeptWarm);
    const memoryMb = kept.reduce((sum, id) => sum + (measured.fixed.memoryMb[id] ?? 0), 0);
    return withFixed({ keptWarmGb: (environments * memoryMb) / 1024 })(measured);
  };

/** A fleet whose passwords were chosen by people: each handshake hashes with many rounds. */
const chosenPasswords: Change = (measured) => ({
  ...measured,
  scryptMs: assumed.chosenScryptMs,
});

export const settings: Readonly<Record<string, Change>> = {
  "heartbeatInterval=540": heartbeatInterval(540),
  "tracing=none": withFixed({ traced: [] }),
  "tracing=all": withFixed({ traced: functionIds }),
  "platformLogs=all": withFixed({ platformLines: true }),
  "logHeartbeats=true": logHeartbeats,
  "keepWarm=1": keepWarm(1),
  "stationAnswers=route": answersByRoute,
};

/** Each event is sent to a webhook. A delivery is what a `DataTransfer` with a webhook has more than one without. */
const webhookForAll: Change = (measured) => {
  const days = 86_400;
  const events = ratesOf(measured, 1).events * days;
  return {
    ...measured,
    profile: { ...profile, ...measured.profile, DataTransfer_with_webhook: events, DataTransfer: -events },
  };
};

/** What is not a setting of the deployment. */
export const otherwise: Readonly<Record<string, Change>> = {
  "a webhook for all events (`*`), each accepted at once": webhookForAll,
  "passwords that people chose, for all stations": chosenPasswords,
  "1,024 MB for all functions": withFixed({
    memoryMb: Object.fromEntries(functionIds.map((id) => [id, 1024])),
  }),
  "lines of 450 bytes in the access logs": withFixed({ accessLineBytes: { station: 450, remote: 450 } }),
};

/** For fleets of thousands of stations: docs/cost.md says what they are about. */
export const recommendedNames = ["heartbeatInterval=540", "tracing=none"] as const;

export const recommended: Change = (measured) =>
  recommendedNames.reduce((changed, name) => settings[name]?.(changed) ?? changed, measured);
