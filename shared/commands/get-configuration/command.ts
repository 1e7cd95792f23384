import { Problem } from "../../problems.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import type { Session } from "../session.ts";
import { callCount, distinct, getVariables, variablesNamed } from "../variables-v2.ts";
import type { route } from "./route.ts";

export interface ConfigurationKey {
  readonly key: string;
  readonly value?: string;
  readonly readonly: boolean;
  /** The station's refusal to give the value (OCPP 2.x). */
  readonly status?: string;
}

interface Output {
  readonly ocppMessageIds: readonly string[];
  /** Absent for a legacy station, whose answer is not awaited. */
  readonly configurationKeys?: readonly ConfigurationKey[];
  readonly unknownKeys?: readonly string[];
  /** The refusal of a report (OCPP 2.x). */
  readonly status?: string;
}

/** Reads configuration keys. No keys, or an empty list, means all. */
export const getConfiguration: Command<InputOf<typeof route>, Output> = {
  name: "get_configuration",
  rows: {
    /** §5.8 GetConfiguration; a station without a key list sends everything. */
    v16: {
      async run({ keys = [] }, session) {
        const everything = keys.length === 0;
        try {
          const { ocppMessageId, payload } = await session.call(
            "GetConfiguration",
            everything ? {} : { key: keys },
          );
          return {
            ocppMessageIds: [ocppMessageId],
            ...(payload && {
              configurationKeys: ((payload.configurationKey ?? []) as ConfigurationKey[]).map(
                // some stations leave it out
                (key) => ({ ...key, readonly: key.readonly ?? false }),
              ),
              unknownKeys: (payload.unknownKey ?? []) as string[],
            }),
          };
        } catch (error) {
          throw everything ? explainLargeAnswer(error) : error;
        }
      },
    },

    /** B06 Get Variables, B07 Get Base Report */
    v2: {
      callCount: ({ keys = [] }, station) =>
        keys.length === 0 ? 1 : callCount("getVariables", distinct(variablesNamed(keys)), station),
      run: ({ keys = [] }, session) =>
        keys.length === 0 ? fullReport(session) : getVariables(keys, session),
    },
  },
};

async function fullReport(session: Session): Promise<Output> {
  const { ocppMessageId, payload, keys } = await session.report("GetBaseReport", {
    reportBase: "FullInventory",
  });
  const ocppMessageIds = [ocppMessageId];
  if (keys) return { ocppMessageIds, configurationKeys: keys as ConfigurationKey[], unknownKeys: [] };
  if (!payload) return { ocppMessageIds };
  return { ocppMessageIds, configurationKeys: [], unknownKeys: [], status: payload.status as string };
}

/**
 * A station that sends more than 32 KB in one frame loses its connection to API Gateway (close code 1009),
 * which looks like any other loss; the full configuration is the usual cause.
 */
function explainLargeAnswer(error: unknown): unknown {
  if (!(error instanceof Problem) || error.slug !== "connection-lost") return error;
  return new Problem(
    "connection-lost",
    `${error.message} An answer larger than 32 KB in one frame also closes the connection. If the station has a large configuration, request the keys in groups.`,
    error.members,
    { cause: error },
  );
}
