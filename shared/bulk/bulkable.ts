import type { CommandName, Input } from "../commands/commands.ts";
import { Problem } from "../problems.ts";
import { findRate, keepDisplay } from "../rates/rates.ts";
import { findStation } from "../stations/find.ts";
import type { Table } from "../store/table.ts";
import { bulkRoutes } from "./names.ts";

/** A station that the command is for. */
interface At {
  readonly cpId: string;
  readonly networkId: string;
}

/** How a command of the API becomes one for a single station. */
export interface Bulkable {
  readonly name: CommandName;
  /** @throws Problem which ends the station's row */
  readonly inputFor: (table: Table, input: object, at: At) => Promise<Input<CommandName>>;
  /** Called when the station has accepted it. */
  readonly accepted?: (table: Table, input: object, cpId: string, at: string) => Promise<void>;
}

/** @throws Error for a name that `bulkCommandNames` does not have */
export function bulkableOf(command: string): Bulkable {
  const route = bulkRoutes[command];
  if (!route) throw new Error(`${command} cannot be sent in bulk`);
  const asGiven: Bulkable["inputFor"] = async (_table, input) => input as Input<CommandName>;
  return { name: route.name, inputFor: asGiven, ...special[route.name] };
}

const special: Partial<Record<CommandName, Omit<Bulkable, "name">>> = {
  unlockConnector: {
    async inputFor(_table, input) {
      const { connector, connectorUuid } = input as { connector?: string; connectorUuid?: string };
      return { cpConnectorUuid: String(connectorUuid ?? connector) };
    },
  },
  syncRate: {
    async inputFor(table, _input, { cpId, networkId }) {
      const { rateId } = await findStation(table, cpId, [networkId]);
      const rate = rateId === undefined ? undefined : await findRate(table, networkId, rateId);
      if (!rate)
        throw new Problem("no-rate-assigned", "No rate is assigned to the station; assign a rate first.");
      return { rate };
    },
    accepted: (table, input, cpId, at) => {
      const { rate } = input as Input<"syncRate">;
      return keepDisplay(table, cpId, { state: "shown", rateId: rate.rateId, at });
    },
  },
  disableRate: {
    inputFor: async () => ({}),
    accepted: (table, _input, cpId, at) => keepDisplay(table, cpId, { state: "disabled", at }),
  },
};
