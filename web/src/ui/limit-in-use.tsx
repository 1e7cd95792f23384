import ProgressBar from "@cloudscape-design/components/progress-bar";
import type { Schemas } from "../api/client.ts";

/** How many of a network's slots running commands hold now. */
export function LimitInUse({ network }: { readonly network: Schemas["Network"] }) {
  const { networkId, inUse, parallelRequests } = network;
  return (
    <ProgressBar
      value={Math.min(100, (100 * inUse) / parallelRequests)}
      ariaLabel={`Limit in use by ${networkId}`}
      additionalInfo={`${inUse} of ${parallelRequests} in use`}
    />
  );
}
