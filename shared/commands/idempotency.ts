/** Set for a request with an Idempotency-Key: the request and its repeats have one effect. */
export interface Idempotency {
  /** The same for all repeats. Commands, CALLs and attempts of the request are stored under this id. */
  readonly id: string;
  /** Whether the request came before; a repeat continues where the first request stopped. */
  readonly isRepeat: boolean;
}
