import type { Schemas } from "../api/client.ts";

/** The person, and the client that the person used. */
export const RequestedBy = ({ by }: { readonly by: Schemas["RequestedBy"] | undefined }) => (
  <>{by === undefined ? "–" : by.user === undefined ? by.clientId : `${by.user} (${by.clientId})`}</>
);
