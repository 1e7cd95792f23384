/** How OCPP 1.6 carries out the commands (Open Charge Point Protocol 1.6 edition 2, chapter 5). */

import {
  type ChangeConfigurationsInput,
  type ChangeResult,
  changeInGroups,
} from "../../commands/change-configurations.ts";
import type { CommandRows } from "../../commands/commands.ts";
import type { ConfigurationKey } from "../../commands/get-configuration.ts";
import type { Session } from "../../commands/session.ts";
import { newPasswordTold } from "../../commands/set-password.ts";
import { statusOf } from "../../commands/status.ts";
import { authorizationKeyOf } from "../../handshake/password-hash.ts";
import { Problem } from "../../problems.ts";
import { connectorOf } from "../../stations/connectors.ts";
import { rateDisplayRows } from "./rate-display.ts";

type ConfigurationChange = ChangeConfigurationsInput["configurations"][number];

const changeOne = async (session: Session, { key, value }: ConfigurationChange): Promise<ChangeResult[]> => [
  { key, ...(await statusOf(session, "ChangeConfiguration", { key, value })) },
];

export const commandRows: CommandRows = {
  /** §5.8 GetConfiguration; a station without a key list sends all it has. */
  getConfiguration: {
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
            configurationKeys: (payload.configurationKey ?? []) as ConfigurationKey[],
            unknownKeys: (payload.unknownKey ?? []) as string[],
          }),
        };
      } catch (error) {
        throw everything ? explainLargeAnswer(error) : error;
      }
    },
  },

  /** §5.3 ChangeConfiguration, one key a CALL; a key that fails does not stop the rest. */
  changeConfigurations: {
    callCount: ({ configurations }) => configurations.length,
    async run({ configurations }, session) {
      for (const configuration of configurations) await session.check("ChangeConfiguration", configuration);
      const plan = async () => configurations.map((configuration) => [configuration]);
      return changeInGroups(plan, ([configuration]) =>
        changeOne(session, configuration as ConfigurationChange),
      );
    },
  },

  /** §5.14 Reset */
  reset: { run: ({ type }, session) => statusOf(session, "Reset", { type }) },

  /** §5.17 UnlockConnector; 1.6 numbers connectors only, and its connector N is our EVSE N. */
  unlockConnector: {
    run: ({ connectorUuid }, session) =>
      statusOf(session, "UnlockConnector", {
        connectorId: connectorOf(session.station, connectorUuid).evseId,
      }),
  },

  /** §5.11 RemoteStartTransaction; a token has no type here. */
  remoteStart: {
    run: ({ idTag, connector }, session) =>
      statusOf(session, "RemoteStartTransaction", {
        ...(connector && { connectorId: connector.evseId }),
        idTag,
      }),
  },

  /** §5.12 RemoteStopTransaction; what is no integer is left for the schema to refuse. */
  remoteStop: {
    run: ({ transactionId }, session) =>
      statusOf(session, "RemoteStopTransaction", {
        transactionId: /^-?\d{1,15}$/.test(transactionId) ? Number(transactionId) : transactionId,
      }),
  },

  /** §5.4 ClearCache */
  clearCache: { run: (_, session) => statusOf(session, "ClearCache", {}) },

  /** White paper "Improved security for OCPP 1.6-J", use case A01: the password's bytes as hexadecimal digits. */
  setPassword: {
    run: ({ password }, session) =>
      newPasswordTold(
        session.call("ChangeConfiguration", {
          key: "AuthorizationKey",
          value: authorizationKeyOf(Buffer.from(password)),
        }),
        ({ status }) => status,
      ),
  },

  ...rateDisplayRows,
};

/**
 * A station that sends more than 32 KB in one frame loses its connection to API Gateway (close code 1009),
 * which looks like any other loss; the full configuration is the usual cause.
 */
function explainLargeAnswer(error: unknown): unknown {
  if (!(error instanceof Problem) || error.slug !== "connection-lost") return error;
  return new Problem(
    "connection-lost",
    `${error.message} An answer of more than 32 KB in one frame closes the connection too: if this station has a large configuration, ask for its keys in groups.`,
    error.members,
    { cause: error },
  );
}
