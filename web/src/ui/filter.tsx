import PropertyFilter, { type PropertyFilterProps } from "@cloudscape-design/components/property-filter";
import { useSearchParams } from "react-router";

export interface FilterProperty {
  /** The query parameter of the API. */
  readonly key: string;
  readonly label: string;
  readonly values?: readonly string[];
  /** A time: written as the reader writes it, sent as RFC 3339. */
  readonly isTime?: true;
}

interface Props {
  readonly properties: readonly FilterProperty[];
  /** The property that a text without a name means. */
  readonly freeText?: string;
  readonly placeholder: string;
  readonly onChange: (values: Readonly<Record<string, string>>) => void;
  readonly values: Readonly<Record<string, string>>;
}

/** The filters of a list, kept in the page's address, so that a filtered list can be sent to a colleague. */
export function useFilter(properties: readonly FilterProperty[]) {
  const [search, setSearch] = useSearchParams();
  const values = Object.fromEntries(
    properties.flatMap(({ key }) => {
      const value = search.get(key);
      return value === null || value === "" ? [] : [[key, value]];
    }),
  );
  return {
    values: values as Readonly<Record<string, string>>,
    /** As the API takes them. */
    query: Object.fromEntries(
      Object.entries(values).map(([key, value]) => {
        const isTime = properties.find((property) => property.key === key)?.isTime;
        return [key, isTime ? timeOf(value) : value];
      }),
    ) as Readonly<Record<string, string>>,
    set(next: Readonly<Record<string, string>>) {
      const others = [...search].filter(([key]) => !properties.some((property) => property.key === key));
      setSearch([...others, ...Object.entries(next)], { replace: true });
    },
  };
}

/** `2026-11-28 09:30` in the reader's zone as RFC 3339. A text that is no time is left to the API to refuse. */
function timeOf(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

export function Filter({ properties, freeText, placeholder, values, onChange }: Props) {
  const tokens = Object.entries(values).map(([propertyKey, value]) => ({
    propertyKey,
    operator: "=",
    value,
  }));
  const change = ({ tokens }: PropertyFilterProps.Query) => {
    const next: Record<string, string> = {};
    for (const { propertyKey = freeText, value } of tokens) {
      const text = String(value).trim();
      if (propertyKey !== undefined && text !== "") next[propertyKey] = text;
    }
    onChange(next);
  };
  return (
    <PropertyFilter
      query={{ tokens, operation: "and" }}
      onChange={({ detail }) => change(detail)}
      hideOperations
      disableFreeTextFiltering={freeText === undefined}
      filteringAriaLabel={placeholder}
      filteringPlaceholder={placeholder}
      filteringProperties={properties.map(({ key, label }) => ({
        key,
        propertyLabel: label,
        groupValuesLabel: label,
        operators: ["="],
        defaultOperator: "=",
      }))}
      filteringOptions={properties.flatMap(({ key, values: known = [] }) =>
        known.map((value) => ({ propertyKey: key, value })),
      )}
    />
  );
}
