import type { Dialect } from "../dialects.ts";
import { stationCalls } from "./station-calls.ts";

export const dialect: Dialect = { stationCalls };
