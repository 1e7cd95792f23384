import { Problem } from "../problems.ts";

/**
 * Refuses a body with both `connector` and `connectorUuid`, before the station is read. A JSON schema with that rule
 * breaks client generators.
 *
 * @throws Problem `invalid-request`
 */
export function refuseTwoConnectors(body: object | undefined): void {
  const { connector, connectorUuid } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (connector === undefined || connectorUuid === undefined) return;
  throw new Problem("invalid-request", "The body names the connector twice; see `errors`.", {
    errors: [{ pointer: "/connector", detail: "must be absent where connectorUuid is given" }],
  });
}
