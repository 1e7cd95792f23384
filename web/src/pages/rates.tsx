import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { dataOf, type Schemas } from "../api/client.ts";
import { useApi, useMayWrite, useNetwork } from "../context.ts";
import { ListTable } from "../ui/list-table.tsx";
import { type PageRequest, usePages } from "../ui/pages.ts";

/** The rates of a network. */
export function Component() {
  const api = useApi();
  const network = useNetwork();
  const mayWrite = useMayWrite();
  const pages = usePages(["rates", network], (page: PageRequest) =>
    dataOf(api.client.GET("/rates", { params: { query: { ...network, ...page } } })),
  );
  return (
    <ListTable<Schemas["Rate"]>
      title="Rates"
      description="Prices that stations show. A station shows a changed rate after it is synced."
      operationId="listRates"
      pages={pages}
      trackBy={({ rateId }) => rateId}
      columns={[
        {
          id: "rate",
          header: "Rate",
          cell: ({ rateId }) => <Link href={`#/rates/${encodeURIComponent(rateId)}`}>{rateId}</Link>,
          isRowHeader: true,
        },
        { id: "text", header: "Text", cell: ({ priceText }) => priceText },
        { id: "currency", header: "Currency", cell: ({ currency }) => currency },
        {
          id: "languages",
          header: "Languages",
          cell: ({ translations = {} }) => Object.keys(translations).join(", ") || "–",
        },
      ]}
      actions={
        mayWrite && (
          <Button variant="primary" href="#/rates/new">
            Create rate
          </Button>
        )
      }
      empty={<Box>There is no rate yet.</Box>}
    />
  );
}
