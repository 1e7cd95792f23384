/** A request that is to have its effect once, however often it comes: it carries an Idempotency-Key. */
export interface Once {
  /** The same for all its repeats: what the request makes is made under this id. */
  readonly id: string;
  /** Whether it came before; what that one began is gone on with, wherever it ended. */
  readonly isRepeat: boolean;
}
