import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import type { ReactNode } from "react";
import type { usePages } from "./pages.ts";
import { ProblemAlert } from "./problem.tsx";

interface Props<T> {
  readonly title: string;
  readonly description?: ReactNode;
  readonly pages: ReturnType<typeof usePages<T>>;
  readonly operationId: string;
  readonly columns: readonly TableProps.ColumnDefinition<T>[];
  readonly trackBy: (item: T) => string;
  readonly filter?: ReactNode;
  readonly actions?: ReactNode;
  readonly empty: ReactNode;
  readonly variant?: TableProps.Variant;
  /** @default the page's own heading */
  readonly headingLevel?: "h1" | "h2";
}

/** A list of the API, page by page. */
export function ListTable<T>({
  title,
  description,
  pages,
  operationId,
  columns,
  trackBy,
  filter,
  actions,
  empty,
  variant = "container",
  headingLevel = variant === "embedded" ? "h2" : "h1",
}: Props<T>) {
  const { items, pagination, isPending, isFetching, error, refetch } = pages;
  return (
    <SpaceBetween size="m">
      <ProblemAlert error={error} operationId={operationId} onRetry={() => void refetch()} />
      <Table
        variant={variant}
        columnDefinitions={columns}
        items={items}
        trackBy={trackBy}
        loading={isPending && !error}
        loadingText="Loading"
        ariaLabels={{ tableLabel: title }}
        header={
          <Header
            variant={headingLevel}
            description={description}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button
                  iconName="refresh"
                  ariaLabel="Refresh"
                  loading={isFetching && isPending}
                  onClick={() => void refetch()}
                />
                {actions}
              </SpaceBetween>
            }
          >
            {title}
          </Header>
        }
        filter={filter}
        pagination={
          (pagination.pagesCount > 1 || pagination.openEnd) && (
            <Pagination
              currentPageIndex={pagination.currentPageIndex}
              pagesCount={pagination.pagesCount}
              openEnd={pagination.openEnd}
              onChange={({ detail }) => pagination.goTo(detail.currentPageIndex)}
              onNextPageClick={({ detail }) =>
                !detail.requestedPageAvailable && pagination.goTo(detail.requestedPageIndex)
              }
            />
          )
        }
        empty={error ? <Box>Nothing could be read.</Box> : empty}
      />
    </SpaceBetween>
  );
}
