import { type CommandRoute, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "unlockConnector",
  path: "unlock_connector/{cpConnectorUuid}",
  summary: "Unlock a connector",
  answer: statusAnswer,
} as const satisfies CommandRoute;
