import type { Page } from "../pages.ts";

/** Entries in one download: 20 pages of the largest size. */
const MAXIMUM_PAGES = 20;

/** Offers a text as a file. */
export function download(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Downloads a list as JSON Lines, newest first: at most 10,000 items. */
export async function downloadLines(
  fetchPage: (cursor: string | undefined) => Promise<Page<unknown>>,
  name: string,
): Promise<void> {
  const lines: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAXIMUM_PAGES; pages++) {
    const page = await fetchPage(cursor);
    lines.push(...page.items.map((item) => JSON.stringify(item)));
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  download(`communication-log-${name}.jsonl`, `${lines.join("\n")}\n`, "application/jsonl");
}
