import type { Dialect } from "../dialects.ts";
import { configurationReports } from "../v2/answers.ts";
import { stationCalls } from "./station-calls.ts";

export const dialect: Dialect = { stationCalls, configurationReports };
