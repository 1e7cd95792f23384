import { commandLocation } from "../../calls/location.ts";
import { queueOrSendCommand } from "../../commands/queue.ts";
import { type RawRequestOutput, refuseReused } from "../../commands/raw-request/command.ts";
import type { CommandDeps, CommandResult } from "../../commands/request.ts";
import { runCommand } from "../../commands/run.ts";
import { NESTING_LIMIT } from "../../ocpp/frame.ts";
import { Problem } from "../../problems.ts";
import { isDeeperThan } from "../../schema/depth.ts";
import type { ApiResponse, Handlers } from "../api.ts";
import { parsePrefer, waitMsOf } from "../prefer.ts";
import { withRateLimit } from "../rate-limit.ts";
import type { rawRoutes } from "../routes/raw.ts";

/** What serves the route of raw requests. */
export function rawHandlers(deps: CommandDeps): Handlers<typeof rawRoutes> {
  return {
    sendRawRequest: async ({ body, headers, caller, idempotency }) => {
      const { action, assetId, payload, network, async: isAsync, requestId, validate } = body;
      if (isDeeperThan(NESTING_LIMIT, payload)) throw nestedTooDeeply();
      const cpId = await caller.resolveCpId(assetId, network?.id, { pointer: "/network/id" });
      const networks = await caller.networks();
      if (requestId !== undefined)
        await refuseReused(deps.table, {
          cpId,
          networks,
          messageId: requestId,
          idempotencyId: idempotency?.id,
        });
      const input = { action, payload, validate };
      const { requestedBy } = caller;
      const request = {
        name: "rawRequest",
        input,
        cpId,
        networks,
        requestedBy,
        commandId: requestId,
        idempotency,
      } as const;
      const wanted = { ...request, waitMs: waitMsOf(parsePrefer(headers.prefer)) };
      const { result, headers: rateLimit } = await withRateLimit((onAdmitted) =>
        (isAsync ? queueOrSendCommand : runCommand)(deps, { ...wanted, onAdmitted }),
      );
      return delivered(isAsync, result, rateLimit);
    },
  };
}

const delivered = (
  async: boolean,
  { commandId, ...data }: CommandResult<"rawRequest"> & RawRequestOutput,
  rateLimit: Readonly<Record<string, string>>,
): ApiResponse => ({
  status: 200,
  headers: { Location: commandLocation(commandId), ...rateLimit },
  body: { status: "Success", async, ocppMessageId: data.ocppMessageId, data },
});

const nestedTooDeeply = (): Problem =>
  new Problem("invalid-request", "The payload is nested too deeply; see `errors`.", {
    errors: [{ pointer: "/payload", detail: `is nested deeper than ${NESTING_LIMIT} levels` }],
  });
