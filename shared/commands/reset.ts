import type { Command } from "./command.ts";

export interface ResetInput {
  readonly type: "Hard" | "Soft";
}

/** What every command answers that brings back nothing but the station's word. */
export interface StatusOutput {
  readonly ocppMessageId: string;
  readonly status?: string;
}

export const reset: Command<ResetInput> = { name: "reset" };
