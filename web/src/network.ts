import { createStore, type Store } from "./store.ts";

const KEY = "network";

/** The network that requests name: the one chosen last in this tab, where the user has several. */
export function chosenNetwork(networks: readonly string[]): Store<string | undefined> {
  const before = sessionStorage.getItem(KEY);
  const initial = networks.length < 2 ? undefined : (networks.find((one) => one === before) ?? networks[0]);
  const store = createStore(initial);
  store.subscribe(() => sessionStorage.setItem(KEY, store.get() ?? ""));
  return store;
}
