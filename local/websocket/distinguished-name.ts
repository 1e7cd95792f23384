/** A relative distinguished name: values by type, usually one of one type. */
export type RelativeName = Readonly<Record<string, readonly string[]>>;

/**
 * A certificate's name as text (RFC 2253): the most significant part, which is the first one encoded, comes last.
 * What is not ASCII is escaped byte by byte, as OpenSSL does: a header carries no more.
 */
export function rfc2253(names: readonly RelativeName[]): string {
  return names
    .map((name) =>
      Object.entries(name)
        .flatMap(([type, values]) => values.map((value) => `${type}=${escaped(value)}`))
        .join("+"),
    )
    .toReversed()
    .join(",");
}

const escaped = (value: string): string =>
  value
    .replaceAll(/[,+"\\<>;]|^[ #]| $/g, "\\$&")
    .replaceAll(/[^ -~]+/g, (text) =>
      [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, "0").toUpperCase()}`).join(""),
    );
