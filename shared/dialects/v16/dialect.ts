import type { Dialect } from "../dialects.ts";
import { configurationReports } from "./answers.ts";
import { stationCalls } from "./station-calls.ts";

export const dialect: Dialect = { stationCalls, configurationReports };
