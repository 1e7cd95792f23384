import Link from "@cloudscape-design/components/link";
import { List } from "../ui/list.tsx";

/** The rates of a network. */
export const Component = () => (
  <List
    title="Rates"
    description="Prices that stations show. A station shows a changed rate after it is synced."
    path="/rates"
    operationId="listRates"
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
    create={{ text: "Create rate", href: "#/rates/new" }}
    empty="There is no rate yet."
  />
);
