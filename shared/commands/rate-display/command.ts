import type { Command } from "../command.ts";
import type { RateDisplayOutput, SyncRateInput } from "./output.ts";
import { rateDisplayRows as v2 } from "./v2.ts";
import { rateDisplayRows as v16 } from "./v16.ts";

export const syncRate: Command<SyncRateInput, RateDisplayOutput> = {
  name: "sync_rate",
  rows: { v16: v16.syncRate, v2: v2.syncRate },
};

export const disableRate: Command<object, RateDisplayOutput> = {
  name: "disable_rate",
  rows: { v16: v16.disableRate, v2: v2.disableRate },
};
