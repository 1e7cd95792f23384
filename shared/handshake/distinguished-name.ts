/** Distinguished names of certificates as text, most significant part last: `CN=CP1,OU=hall 2,O=acme` (RFC 2253). */

/**
 * The common name in it: undefined where there is none or more than one, or where any part of the text is not as
 * RFC 2253 §2 has it. Stricter than its §4 wants readers to be (no quotes, no semicolons): who is let in rests on
 * the answer, and what has two readings has none here.
 */
export function commonNameOf(distinguishedName: string): string | undefined {
  const parts = partsOf(distinguishedName);
  const names = parts?.filter(({ type }) => commonNameTypes.has(type.toLowerCase())) ?? [];
  return names.length === 1 ? names[0]?.value : undefined;
}

/** The attribute's name, and its number with and without the prefix of older writers. */
const commonNameTypes: ReadonlySet<string> = new Set(["cn", "2.5.4.3", "oid.2.5.4.3"]);

interface Part {
  readonly type: string;
  /** Undefined where it is no text: `#` and the BER encoding in hexadecimal digits. */
  readonly value: string | undefined;
}

const attributeType = / *((?:oid\.)?\d+(?:\.\d+)*|[a-z][a-z\d-]*) *= */iy;
const berValue = /#(?:[\da-f]{2})+ */iy;
/**
 * Escapes, and characters that need none; spaces only where something follows. "=" often stands bare (RFC 4514), and
 * an underscore escaped, as in the example of CloudFront's documentation: any sign may be.
 */
const textValue = /(?:\\(?:[ -/:-@[-`{-~]|[\da-f]{2})|[^,+<>;"\\ ]| +(?=[^,+ ]))*/iy;
const escaped = /\\(?:([\da-f]{2})|(.))/gi;

/** All attributes in order; undefined where the text is malformed. "" has none (RFC 2253 §2.1). */
function partsOf(text: string): Part[] | undefined {
  const parts: Part[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (found) position = pattern.lastIndex;
    return found;
  };
  if (text.trim() === "") return parts;
  for (;;) {
    const type = take(attributeType)?.[1];
    if (type === undefined) return undefined;
    const isText = text[position] !== "#";
    const raw = take(isText ? textValue : berValue)?.[0];
    if (raw === undefined) return undefined;
    const value = isText ? textOf(raw) : undefined;
    if (isText && value === undefined) return undefined;
    parts.push({ type, value });
    while (text[position] === " ") position += 1;
    if (position === text.length) return parts;
    if (text[position] !== "," && text[position] !== "+") return undefined;
    position += 1;
  }
}

/** Takes escapes out: of one character, or of the bytes of its UTF-8. Undefined where the bytes are none. */
function textOf(raw: string): string | undefined {
  let bytes = "";
  let position = 0;
  try {
    for (const { 0: whole, 1: hex, 2: character = "", index } of raw.matchAll(escaped)) {
      bytes += encodeURIComponent(raw.slice(position, index) + character) + (hex ? `%${hex}` : "");
      position = index + whole.length;
    }
    return decodeURIComponent(bytes + encodeURIComponent(raw.slice(position)));
  } catch {
    return undefined;
  }
}
