/** A refusal as the Scheduler's API words it; `name` is what the SDK names its exception. */
class SchedulerError extends Error {
  readonly status: number;
  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export const isRefusal = (error: unknown): error is SchedulerError => error instanceof SchedulerError;

export const invalid = (message: string) => new SchedulerError("ValidationException", 400, message);
export const notFound = (message: string) => new SchedulerError("ResourceNotFoundException", 404, message);
export const denied = (message: string) => new SchedulerError("AccessDeniedException", 403, message);
export const conflict = (message: string) => new SchedulerError("ConflictException", 409, message);
