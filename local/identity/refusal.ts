/** A refusal of RFC 6749 §4.1.2.1 or §5.2: `code` is the value of `error`. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
