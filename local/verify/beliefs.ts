/** What the design believes of AWS and no documentation promises, or what only a deployment can show. */
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HandshakeRefused } from "./probe.ts";
import type { Session } from "./session.ts";

/** Why a belief was not tried. */
export class NotTried extends Error {}

export interface Belief {
  readonly belief: string;
  /** What it means, and what to do, where the belief is wrong. */
  readonly ifWrong: string;
  /** Trials that wait for minutes run side by side, after all others. */
  readonly isLong?: true;
  /** @throws Error where AWS does something else, NotTried */
  readonly trial: (session: Session) => Promise<void>;
}

const FRAME_LIMIT = 32 * 1024;

export const beliefs: readonly Belief[] = [
  {
    belief:
      "A station's handshake passes CloudFront, and the connection has the first version that the relay speaks",
    ifWrong:
      "No station can connect. Look for the refusal in the log of station-authorize; without one, the handshake did not get through CloudFront: its origin request policy must be AllViewerExceptHostHeader.",
    async trial(session) {
      const { probe } = await session.station("handshake", ["ocpp9.9", "ocpp2.0.1", "ocpp1.6"]);
      same(probe.socket.protocol, "ocpp2.0.1", "the subprotocol");
    },
  },
  {
    belief: "A wrong password and an unknown identity are answered 401",
    ifWrong:
      "The authorizer's `Unauthorized` is not turned into 401; stations may take another status for a fault of the network and retry at once.",
    async trial(session) {
      const { identity } = await session.register("refused");
      for (const one of [identity, `${identity}-unknown`]) {
        const options = { identity: one, password: "wrong-password-1" };
        const refused = session.connect(session.target.stationUrl, options);
        same(await refused.then(() => 101, statusOf), 401, "the status");
      }
    },
  },
  {
    belief: "An identity with a space arrives as the station sent it",
    ifWrong:
      "CloudFront or API Gateway decodes the query parameter `identity` in another way than functions/edge expects: register such stations under an identity without spaces.",
    async trial(session) {
      const { probe, identity } = await session.station("with a space");
      await session.command(identity, probe);
    },
  },
  {
    belief: "A station's answer to a command is followed by no frame",
    ifWrong:
      "API Gateway sends a frame where the relay sends none (docs/empty-frames.md). Deploy with -c stationAnswers=post, the default; if it is that already, ask AWS Support.",
    async trial(session) {
      const { probe, identity } = await session.station("empty");
      await session.command(identity, probe);
      await sleep(session.target.waits.quiet);
      same(JSON.stringify(probe.unread), "[]", "the frames after the answer");
    },
  },
  {
    belief: "Two CALLs of a station in a row are both answered",
    ifWrong:
      "Answers are posted by the management API, and a post was lost: look for 429 or 410 in the log of station-message. -c stationAnswers=route answers without posts.",
    async trial(session) {
      const { probe } = await session.station("in-a-row");
      for (const id of ["1", "2"]) probe.send([2, id, "Heartbeat", {}]);
      const answers = [await probe.next(), await probe.next()];
      same(
        answers
          .map(([, id]) => id)
          .sort()
          .join(),
        "1,2",
        "the ids of the answers",
      );
    },
  },
  {
    belief: "Two commands at once reach a station one after the other",
    ifWrong:
      "The second post met a connection or a function that the first had in use: look for `unknown` outcomes in the log of api-raw.",
    async trial(session) {
      const { probe, identity } = await session.station("two-posts");
      const requests = [session.rawRequest(identity), session.rawRequest(identity)];
      for (const _ of requests) await probe.answerNext({ status: "Accepted" });
      const statuses = (await Promise.all(requests)).map(({ status }) => status);
      same(statuses.join(), "200,200", "the statuses");
    },
  },
  {
    belief: "A frame of more than 32 KB ends the connection with code 1009",
    ifWrong:
      "API Gateway's quota has changed: the relay refuses frames that would pass (shared/calls/post.ts).",
    async trial(session) {
      const { probe } = await session.station("large");
      probe.send([2, "1", "DataTransfer", { vendorId: "verify", data: "x".repeat(FRAME_LIMIT) }]);
      const code = await Promise.race([probe.closed, sleep(10_000, "none", { ref: false })]);
      same(code, 1009, "the code");
    },
  },
  {
    belief: "A station with a client certificate connects to the certificate endpoint (profile 3)",
    ifWrong:
      "CloudFront does not hand the certificate's subject on as expected (docs/station-endpoints.md): `refused` in the log of station-authorize has what arrived.",
    async trial(session) {
      const { certificate } = session.target;
      if (certificate === undefined) throw new NotTried("needs --cert and --key");
      const { url, ...tls } = certificate;
      const identity = commonNameOf(tls.cert);
      await session.registerAs(identity, { type: "certificate" });
      const probe = await session.connect(url, { identity, tls });
      await session.command(identity, probe);
    },
  },
  {
    belief: "A schedule whose time has passed fires, or is refused",
    ifWrong:
      "An attempt's timer that reaches Scheduler late never fires. Reads stay right, since expiry is computed; a due stop is sent by the station's next message. Raise SOONEST_MS (shared/attempts/timers.ts).",
    async trial({ target }) {
      const outcome = await target.schedules.tryAt(Date.now() - 60_000, target.waits.schedule);
      if (outcome === "kept") throw new Error("the schedule was accepted and has not fired");
    },
  },
  {
    belief: "A command after a pause in which Lambda removes idle connections reaches the station",
    ifWrong:
      "Sockets of frozen functions are used again, or too late found dead: docs/sockets.md has the times to shorten.",
    isLong: true,
    async trial(session) {
      const { frozen } = session.target.waits;
      if (frozen === undefined) throw new NotTried("needs --long, 7 minutes");
      const { probe, identity } = await session.station("after-a-pause");
      await session.command(identity, probe);
      await sleep(frozen);
      await session.command(identity, probe);
    },
  },
  {
    belief: "A station that only pings for longer than the idle time-out stays connected",
    ifWrong:
      "Pings do not count as traffic. The heartbeat interval of 300 s keeps stations connected all the same; a station without heartbeats reconnects every ten minutes.",
    isLong: true,
    async trial(session) {
      const { pings } = session.target.waits;
      if (pings === undefined) throw new NotTried("needs --long, 11 minutes");
      const { probe, identity } = await session.station("pinging");
      const timer = setInterval(() => probe.socket.ping(), pings.every);
      const ended = await Promise.race([probe.closed, sleep(pings.total, "open")]);
      clearInterval(timer);
      same(ended, "open", "the connection");
      await session.command(identity, probe);
    },
  },
];

function same(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)}, expected ${String(expected)}`);
}

function statusOf(error: unknown): number {
  if (error instanceof HandshakeRefused) return error.status;
  throw error;
}

function commonNameOf(pem: string): string {
  const { subject } = new X509Certificate(pem);
  const [, name] = /^CN=(.+)$/m.exec(subject) ?? [];
  if (name === undefined) throw new Error(`the certificate's subject has no CN: ${subject}`);
  return name;
}
