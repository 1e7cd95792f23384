import { Problem } from "../problems.ts";
import type { Session } from "./session.ts";

/** What the station's version of OCPP lacks: an action, or an option of one. */
export const notSupported = (protocol: string, action: string, lacks: string): Problem =>
  new Problem("not-supported-by-protocol", `${protocol} has no ${lacks}. Nothing was sent.`, {
    protocol,
    action,
  });

/**
 * As `session.check`, for a payload whose one member that may be invalid is an option that a version can lack.
 *
 * @throws Problem `not-supported-by-protocol`
 */
export async function checkOption(
  session: Session,
  action: string,
  payload: object,
  option: string,
): Promise<void> {
  try {
    await session.check(action, payload);
  } catch (error) {
    if (!(error instanceof Problem) || error.slug !== "payload-violates-schema") throw error;
    throw notSupported(session.protocol, action, `${option} in ${action}`);
  }
}

/** How a generation carries out a command for which it has no action. */
export const lacking = (action: string) => ({
  async run(_: unknown, { protocol }: Session): Promise<never> {
    throw notSupported(protocol, action, `action ${action}`);
  },
});
