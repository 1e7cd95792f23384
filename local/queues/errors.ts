/**
 * An error as SQS words it. `name` is what the SDK names its exception, `query` is the code of the former query
 * protocol, which clients still get as a header.
 */
class QueueError extends Error {
  readonly status: number;
  readonly query: string;
  constructor(name: string, query: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.query = query;
    this.status = status;
  }
}

export const isQueueError = (error: unknown): error is QueueError => error instanceof QueueError;

export const invalidValue = (message: string) =>
  new QueueError("InvalidParameterValue", "InvalidParameterValue", message);
export const unsupported = (message: string) =>
  new QueueError("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", message);
export const noSuchQueue = () =>
  new QueueError(
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "The specified queue does not exist.",
  );
export const invalidReceipt = (handle: string) =>
  new QueueError(
    "ReceiptHandleIsInvalid",
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );
export const invalidBatch = (name: string, message: string) =>
  new QueueError(name, `AWS.SimpleQueueService.${name}`, message);
export const denied = (message: string) => new QueueError("AccessDenied", "AccessDenied", message, 403);
