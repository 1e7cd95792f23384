import type { Caller } from "./caller.ts";

/** How much time a search needs at least for one more read and the answer. */
export const READ_MS = 3000;

/**
 * The network that a list is of, and the station that it is narrowed to. A station of another network has nothing in
 * the list, exactly as one that does not exist.
 */
export async function searchOf(
  caller: Caller,
  { network, cpId }: { readonly network?: string; readonly cpId?: string },
  remainingMs: () => number,
) {
  return {
    networkId: await caller.networkFor(network),
    cpId: cpId === undefined ? undefined : await caller.resolveCpId(cpId, network),
    mayGoOn: () => remainingMs() > READ_MS,
  };
}
