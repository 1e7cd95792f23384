import { createContext, useContext } from "react";
import type { Api } from "./api/client.ts";
import type { Config } from "./config.ts";
import type { Session } from "./session/session.ts";
import { type Store, useStore } from "./store.ts";

/** What every page needs. */
export interface Console {
  readonly config: Config;
  readonly session: Session;
  readonly api: Api;
  /** The network that requests name. Undefined: the user belongs to one only. */
  readonly network: Store<string | undefined>;
}

const Context = createContext<Console | undefined>(undefined);

export const ConsoleProvider = Context.Provider;

export function useConsole(): Console {
  const value = useContext(Context);
  if (value === undefined) throw new Error("useConsole needs a ConsoleProvider");
  return value;
}

export const useApi = () => useConsole().api;

/** The query parameter that names the network, where the user has several. */
export function useNetwork(): { readonly network?: string } {
  const network = useStore(useConsole().network);
  return network === undefined ? {} : { network };
}

/**
 * Whether the user may change anything. The API decides; the console only does not offer in vain what a viewer cannot
 * do. A user whose token names no role is left to the API.
 */
export const useMayWrite = (): boolean => useConsole().session.user.role !== "viewer";

export const useIsAdmin = (): boolean => {
  const { role } = useConsole().session.user;
  return role === "admin" || role === undefined;
};
