import { v16 } from "./v16/version.ts";
import { v21 } from "./v21/version.ts";
import { v201 } from "./v201/version.ts";
import type { ProtocolVersion } from "./version.ts";

/** The OCPP versions that the relay speaks, by WebSocket subprotocol (IANA registry), best first. */
export const versions = {
  "ocpp2.1": v21,
  "ocpp2.0.1": v201,
  "ocpp1.6": v16,
} as const satisfies Record<string, ProtocolVersion>;

export type Protocol = keyof typeof versions;

export type Generation = ProtocolVersion["generation"];

export const versionOf = (protocol: Protocol): ProtocolVersion => versions[protocol];
