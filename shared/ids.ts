import { v5 } from "uuid";

/** The UUIDv5 of our address in the URL namespace: what every id below is derived in. */
const NAMESPACE = v5("https://ocpp-relay.dev/", v5.URL);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text looks like a UUID, of whatever version and case. */
export const isUuid = (text: string): boolean => UUID.test(text);

/**
 * A station's OCPP identity: 1–48 characters, no colon (it would end the user name of Basic auth), nothing
 * invisible. As a JSON Schema pattern, hence with the flag `u`.
 */
export const IDENTITY_PATTERN = "^[^:\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,48}$";

/** A network's id is a path segment of the station's address, and never needs escaping there. */
export const NETWORK_ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$";

/** An OCPP message id of an API consumer's choice: what OCPP-J allows, and nothing invisible. */
export const MESSAGE_ID_PATTERN = "^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]{1,36}$";

const IDENTITY = new RegExp(IDENTITY_PATTERN, "u");

/** Whether a station may be called so. What looks like a UUID may not: it would be read as a cpId. */
export const isIdentity = (text: string): boolean => IDENTITY.test(text) && !isUuid(text);

/** The id of a station, derived from its identity and network. */
export const cpIdOf = (networkId: string, identity: string): string =>
  v5(`${networkId}/${identity}`.toWellFormed(), NAMESPACE);

/** The id of a connector. OCPP 1.6 numbers connectors only: its connector 2 is EVSE 2, connector 1. */
export const connectorUuidOf = (cpId: string, evseId: number, connectorId: number): string =>
  v5(`${cpId}/${evseId}/${connectorId}`, NAMESPACE);
