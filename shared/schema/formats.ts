import { isRfc3339 } from "./date-time.ts";

/** A check by the name of its `format`. */
export type Formats = { readonly [format: string]: (text: string) => boolean };

/** RFC 3986: a scheme, then only characters that may stand in a URI, percent signs with their two digits. */
const URI = /^[a-z][a-z0-9+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9a-f]{2})+$/i;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const formats: Formats = {
  "date-time": isRfc3339,
  uri: (text) => URI.test(text),
  uuid: (text) => UUID.test(text),
};

/** For API requests: times also as many libraries write them, with the zone `+0000`. */
export const requestFormats: Formats = {
  ...formats,
  "date-time": (text) => isRfc3339(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")),
};
