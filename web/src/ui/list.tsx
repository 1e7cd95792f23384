import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import { ApiUnreachable } from "../api/problem.ts";
import type { paths } from "../api/schema.d.ts";
import { useApi, useMayWrite, useNetwork } from "../context.ts";
import { Filter, type FilterProperty, useFilter } from "./filter.tsx";
import { PageHeader } from "./page-header.tsx";
import { type Page, type PageRequest, usePages } from "./pages.ts";
import { ProblemAlert } from "./problem.tsx";

type Listing = {
  readonly get: {
    readonly responses: {
      readonly 200: { readonly content: { readonly "application/json": Page<unknown> } };
    };
  };
};
/** The paths of the document that list something. */
type ListPath = { [P in keyof paths]: paths[P] extends Listing ? P : never }[keyof paths];
type ItemOf<P extends ListPath> =
  paths[P]["get"]["responses"][200]["content"]["application/json"]["items"][number];

interface Props<P extends ListPath> {
  readonly title: string;
  readonly description?: ReactNode;
  /** The list's path in the OpenAPI document. */
  readonly path: P;
  /** Values of the path's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Its scopes explain a 403. */
  readonly operationId: string;
  /** Whether the list takes the query parameter `network`. @default true */
  readonly isOfNetwork?: boolean;
  readonly columns: readonly TableProps.ColumnDefinition<ItemOf<P>>[];
  readonly trackBy: (item: ItemOf<P>) => string;
  /** What the list can be filtered by. */
  readonly filters?: readonly FilterProperty[];
  /** The property that a text without a name means. */
  readonly freeText?: string;
  readonly placeholder?: string;
  /** The page that makes one more, for users who may write. */
  readonly create?: { readonly text: string; readonly href: string };
  /** Further buttons, for users who may write. */
  readonly actions?: (filter: Readonly<Record<string, string>>) => ReactNode;
  /** What is shown in place of an empty list that is not filtered. */
  readonly empty: ReactNode;
  readonly variant?: TableProps.Variant;
  /** Whether the page has a heading above this one. @default for an embedded list */
  readonly isPart?: boolean;
  readonly refreshMs?: number;
}

const NO_FILTERS: readonly FilterProperty[] = [];

/** A list of the API: filtered, page by page, kept up to date. */
export function List<P extends ListPath>({
  title,
  description,
  path,
  parameters = {},
  operationId,
  isOfNetwork = true,
  columns,
  trackBy,
  filters = NO_FILTERS,
  freeText,
  placeholder = "",
  create,
  actions,
  empty,
  variant = "container",
  isPart = variant === "embedded",
  refreshMs,
}: Props<P>) {
  const api = useApi();
  const network = useNetwork();
  const mayWrite = useMayWrite();
  const filter = useFilter(filters);
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
  const query = { ...(isOfNetwork && network), ...filter.query };
  const fetchPage = async ({ limit, cursor }: PageRequest) => {
    const search = new URLSearchParams({
      ...query,
      limit: String(limit),
      ...(cursor !== undefined && { cursor }),
    });
    const { body } = await api.send({ method: "GET", path: `${address}?${search}` });
    return body as Page<ItemOf<P>>;
  };
  const pages = usePages(["list", address, query], fetchPage, refreshMs);
  const { items, pagination, isPending, isPlaceholderData, error, refetch } = pages;
  const isFiltered = Object.keys(filter.values).length > 0;
  const Heading = isPart ? Header : PageHeader;
  const noMatch = (
    <SpaceBetween size="s">
      <Box>
        {pagination.openEnd
          ? "Nothing matches so far. The list goes on with the next page."
          : "Nothing matches the filter."}
      </Box>
      <Button onClick={() => filter.set({})}>Clear the filter</Button>
    </SpaceBetween>
  );
  return (
    <SpaceBetween size="m">
      {/* The frame of the page shows that the API does not answer. */}
      {!(error instanceof ApiUnreachable) && (
        <ProblemAlert error={error} operationId={operationId} onRetry={() => void refetch()} />
      )}
      <Table
        variant={variant}
        columnDefinitions={columns}
        items={items}
        trackBy={trackBy}
        loading={isPending && !error}
        loadingText="Loading"
        ariaLabels={{ tableLabel: title }}
        header={
          <Heading
            {...(description !== undefined && { description })}
            actions={
              mayWrite &&
              (create || actions) && (
                <SpaceBetween direction="horizontal" size="xs">
                  {actions?.(filter.values)}
                  {create && (
                    <Button variant="primary" href={create.href}>
                      {create.text}
                    </Button>
                  )}
                </SpaceBetween>
              )
            }
          >
            {title}
          </Heading>
        }
        filter={
          filters.length > 0 && (
            <Filter
              properties={filters}
              {...(freeText !== undefined && { freeText })}
              placeholder={placeholder}
              values={filter.values}
              onChange={filter.set}
            />
          )
        }
        pagination={
          (pagination.pagesCount > 1 || pagination.openEnd) && (
            <Pagination
              // The rows are still those of the former page.
              disabled={isPlaceholderData}
              currentPageIndex={pagination.currentPageIndex}
              pagesCount={pagination.pagesCount}
              openEnd={pagination.openEnd}
              ariaLabels={{
                nextPageLabel: "Next page",
                previousPageLabel: "Previous page",
                pageLabel: (number) => `Page ${number}`,
              }}
              onChange={({ detail }) => pagination.goTo(detail.currentPageIndex)}
              onNextPageClick={({ detail }) =>
                !detail.requestedPageAvailable && pagination.goTo(detail.requestedPageIndex)
              }
            />
          )
        }
        empty={error ? <Box>Nothing could be read.</Box> : isFiltered ? noMatch : <Box>{empty}</Box>}
      />
    </SpaceBetween>
  );
}
