import type { RequestedBy } from "../store/items.ts";

/** Which commands and attempts a caller may read. */
export interface Reader {
  readonly networks: readonly string[];
  /** Given if the caller's token has no read scope: the caller then reads only what it sent itself. */
  readonly only?: RequestedBy;
}

/** Items that were stored before 0.2 do not name a sender: they need the read scope. */
export function mayRead(
  { networks, only }: Reader,
  { networkId, requestedBy }: { readonly networkId: string; readonly requestedBy?: RequestedBy },
): boolean {
  if (!networks.includes(networkId)) return false;
  return only === undefined || (only.clientId === requestedBy?.clientId && only.user === requestedBy.user);
}
