/** The messages between the service and an execution environment. Events and results are JSON texts, as on AWS. */

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** Handed to an environment when it starts. */
export interface EnvironmentData {
  /** URL of the module that holds the handler. */
  readonly entry: string;
  readonly handler: string;
  readonly compileCache: string;
  readonly clockOffset: SharedArrayBuffer;
  readonly functionArn: string;
  readonly cheapScrypt: boolean;
}

export interface Invocation {
  readonly requestId: string;
  readonly traceId: string;
  readonly event: string;
  readonly timeoutMs: number;
}

/** `processorMs` is what the thread has used since it started. */
export type FromEnvironment =
  | { readonly kind: "ready"; readonly initMs: number }
  | { readonly kind: "initFailed"; readonly error: FunctionError }
  | { readonly kind: "done"; readonly payload: string; readonly processorMs: number }
  | { readonly kind: "failed"; readonly error: FunctionError; readonly processorMs: number }
  | { readonly kind: "output"; readonly text: string };
