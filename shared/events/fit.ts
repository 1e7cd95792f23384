/** EventBridge takes 256 KB for an entry, and targets such as SQS count the envelope of the event, too. */
const MAXIMUM_BYTES = 240 * 1024;

/** So many characters of a text that is too large are left. */
const CUT_AFTER = 1000;

/** A lone surrogate, as JSON.stringify writes it; other escapes are stepped over. */
const ESCAPES = /\\(?:u(d[89a-f][0-9a-f]{2})|.)/g;

/**
 * JSON that every reader of UTF-8 takes. A station's text may hold a half of a character; EventBridge would refuse
 * the event, and with it all that follow.
 */
const wellFormedJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(ESCAPES, (written, half: string | undefined) =>
    half ? "\ufffd" : written,
  );

/**
 * The content of an event as JSON of at most 240 KB. The largest members are left out, or cut if they are texts, until
 * the content fits; `truncated` lists them.
 */
export function fittingJson(data: Readonly<Record<string, unknown>>): string {
  const json = wellFormedJson(data);
  let excess = Buffer.byteLength(json) - MAXIMUM_BYTES;
  if (excess <= 0) return json;
  const fitting: Record<string, unknown> = { ...data };
  const truncated: string[] = [];
  for (const [name, bytes] of largestFirst(data)) {
    if (excess <= 0) break;
    const value = data[name];
    if (typeof value === "string") fitting[name] = value.slice(0, CUT_AFTER);
    else delete fitting[name];
    truncated.push(name);
    // the name in the list, too
    excess += sizeOf(name) + sizeOf(fitting[name] ?? "") - bytes + LIST_BYTES;
  }
  return wellFormedJson({ ...fitting, truncated });
}

/** What stands around the list of names and between them, at most. */
const LIST_BYTES = 20;

const sizeOf = (value: unknown): number => Buffer.byteLength(wellFormedJson(value));

const largestFirst = (data: Readonly<Record<string, unknown>>): [string, number][] =>
  Object.entries(data)
    .map(([name, value]): [string, number] => [name, value === undefined ? 0 : sizeOf(value)])
    .sort(([, a], [, b]) => b - a);
