import { type StatusOutput, sendForStatus } from "../answers.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { namedConnector, v2Evse, verifyConnector } from "../named-connector.ts";
import { checkOption, notSupported } from "../not-supported.ts";
import type { route } from "./route.ts";

/** How 1.6 asks for a message: by itself (§5.17), or by the white paper "Improved security for OCPP 1.6-J". */
const v16Triggers: Readonly<Record<string, readonly [action: string, requestedMessage: string]>> = {
  BootNotification: ["TriggerMessage", "BootNotification"],
  DiagnosticsStatusNotification: ["TriggerMessage", "DiagnosticsStatusNotification"],
  FirmwareStatusNotification: ["TriggerMessage", "FirmwareStatusNotification"],
  Heartbeat: ["TriggerMessage", "Heartbeat"],
  LogStatusNotification: ["ExtendedTriggerMessage", "LogStatusNotification"],
  MeterValues: ["TriggerMessage", "MeterValues"],
  SignChargePointCertificate: ["ExtendedTriggerMessage", "SignChargePointCertificate"],
  SignChargingStationCertificate: ["ExtendedTriggerMessage", "SignChargePointCertificate"],
  StatusNotification: ["TriggerMessage", "StatusNotification"],
};

/** What 2.x calls messages that 1.6 has under another name. */
const v2Names: Readonly<Record<string, string>> = {
  DiagnosticsStatusNotification: "LogStatusNotification",
  SignChargePointCertificate: "SignChargingStationCertificate",
};

export const triggerMessage: Command<InputOf<typeof route>, StatusOutput> = {
  name: "trigger_message",
  verify: verifyConnector,
  rows: {
    v16: {
      async run({ requestedMessage, ...named }, session) {
        const [action, name] = v16Triggers[requestedMessage] ?? [];
        if (action === undefined)
          throw notSupported(session.protocol, "TriggerMessage", `${requestedMessage} to be asked for`);
        const connector = namedConnector(session.station, named);
        return sendForStatus(session, action, {
          requestedMessage: name,
          ...(connector && { connectorId: connector.evseId }),
        });
      },
    },

    /** F06 Trigger Message */
    v2: {
      async run({ requestedMessage, ...named }, session) {
        const payload = {
          requestedMessage: v2Names[requestedMessage] ?? requestedMessage,
          ...v2Evse(session.station, named),
        };
        await checkOption(session, "TriggerMessage", payload, requestedMessage);
        return sendForStatus(session, "TriggerMessage", payload);
      },
    },
  },
};
