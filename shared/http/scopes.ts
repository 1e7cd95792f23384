/** OAuth 2.0 scopes, as the contract names them; Cognito puts its resource server's identifier before each. */
export const scopes = {
  "write:ocpp": "Send typed remote commands and rate displays",
  "write:ocpp.raw_request": "Send raw OCPP requests",
  "read:ocpp": "Read command resources, stored configuration and the communication log",
  "read:asset": "Read stations, connectors, locks and rates",
  "write:asset": "Change stations, connectors, locks and rates",
  "read:webhooks": "Read webhooks and their deliveries",
  "write:webhooks": "Change webhooks, send test events and deliveries",
  "read:token": "Read token lists",
  "write:token": "Change token lists",
  "read:network": "Read networks (operators only)",
  "write:network": "Change networks (operators only)",
} as const;

export type Scope = keyof typeof scopes;
