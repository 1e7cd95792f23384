import { useQuery } from "@tanstack/react-query";
import { useApi, useNetwork } from "../context.ts";

/** A resource with its version, for forms that must not overwrite the change of another user. */
export function useResource<T>(path: string | undefined, refreshMs: number | false = false) {
  const api = useApi();
  const network = useNetwork();
  return useQuery({
    queryKey: ["resource", path, network],
    enabled: path !== undefined,
    queryFn: async () => {
      const query = new URLSearchParams(path?.startsWith("/networks/") ? {} : network);
      const { body, etag } = await api.send({ method: "GET", path: `${path}?${query}` });
      return { resource: body as T, ...(etag !== undefined && { etag }) };
    },
    refetchInterval: refreshMs,
  });
}
