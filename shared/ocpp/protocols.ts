/** The OCPP versions the relay speaks, as WebSocket subprotocols (IANA registry), best first. */
export const PROTOCOLS = ["ocpp2.1", "ocpp2.0.1", "ocpp1.6"] as const;

export type Protocol = (typeof PROTOCOLS)[number];
