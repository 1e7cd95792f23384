import { cpIdOf } from "../../shared/ids.ts";
import type { AttemptItem } from "../../shared/store/items.ts";

/** When attempts of these tests are made; they are valid for ten minutes. */
export const T0 = Date.UTC(2026, 5, 1, 12);

/** An attempt right after its creation. */
export const newAttempt = (): AttemptItem => ({
  attemptId: "0f6e8a9c-4c0b-4d1c-9a52-c5e3b3f0a001",
  cpId: cpIdOf("default", "CP1"),
  networkId: "default",
  idTag: "TAG",
  validUntilMs: T0 + 10 * 60_000,
  state: "pending",
  version: 0,
  createdAtMs: T0,
  history: [{ state: "pending", atMs: T0 }],
  expiresAt: 0,
});
