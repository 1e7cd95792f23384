/** A station's text for a cell of a table: it may be as long as the station wants. */
export const short = (text: string, maximum = 40): string =>
  text.length > maximum ? `${text.slice(0, maximum)}…` : text;
