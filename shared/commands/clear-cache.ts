import type { Command } from "./command.ts";

export const clearCache: Command<object> = { name: "clear_cache" };
