import Link from "@cloudscape-design/components/link";
import { useQuery } from "@tanstack/react-query";
import { dataOf } from "../api/client.ts";
import { useApi, useNetwork } from "../context.ts";

/** A station as the API has it, shared by all parts of a page. */
export function useStation(cpId: string, refreshMs: number | false = false) {
  const api = useApi();
  const query = useNetwork();
  return useQuery({
    queryKey: ["station", cpId, query],
    enabled: cpId !== "",
    queryFn: () => dataOf(api.client.GET("/stations/{cpId}", { params: { path: { cpId }, query } })),
    refetchInterval: refreshMs,
    staleTime: 60_000,
    // A list has many of them: a station that was deleted keeps its id as its name.
    retry: false,
  });
}

/** A link to a station, by its identity as soon as it is known. */
export function StationLink({ cpId }: { readonly cpId: string }) {
  const { data, isPending } = useStation(cpId);
  const id = isPending ? `${cpId.slice(0, 8)}…` : cpId;
  return <Link href={`#/stations/${encodeURIComponent(cpId)}`}>{data?.identity ?? id}</Link>;
}
