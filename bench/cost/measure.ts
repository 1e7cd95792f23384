/** Counts what an operation asks of AWS's services. */
import type { DynamoDbCapacity } from "../../local/dynamodb.ts";
import { type Operation, type OperationName, operations, type World } from "./operations.ts";

export interface Counts {
  /** DynamoDB requests by operation. */
  readonly dynamodb: Readonly<Record<string, number>>;
  readonly capacity: DynamoDbCapacity;
  readonly posts: number;
  /** WebSocket messages in either direction, each of less than 32 KB. */
  readonly messages: number;
  /** Lambda invocations by function. */
  readonly functions: Readonly<Record<string, number>>;
  /** Scheduler's API requests. */
  readonly scheduler: Readonly<Record<string, number>>;
  /** SQS's API requests, those of Lambda's event sources among them. */
  readonly sqs: Readonly<Record<string, number>>;
  /** Events on the bus. */
  readonly events: number;
  readonly logBytes: number;
}

/** What has been counted since `begin`. */
export interface Counting {
  read(): Counts;
  end(): void;
}

export function startCounting(world: World): Counting {
  const { relay } = world;
  let events = 0;
  const stopWatching = relay.watchEvents(() => {
    events += 1;
  });
  const loggedBefore = world.loggedBytes();
  relay.resetMetrics();
  return {
    read() {
      const { dynamodb, capacity, postToConnection, functions, scheduler, sqs } = relay.metrics();
      const invoked = Object.entries(functions)
        .map(([name, { invocations }]) => [name, invocations] as const)
        .filter(([, invocations]) => invocations > 0);
      const received = functions["station-message"]?.invocations ?? 0;
      return {
        dynamodb: dynamodb.operations,
        capacity,
        posts: postToConnection,
        messages: received + postToConnection,
        functions: Object.fromEntries(invoked),
        scheduler,
        sqs,
        events,
        logBytes: world.loggedBytes() - loggedBefore,
      };
    },
    end: stopWatching,
  };
}

const QUIET_MS = 2_500;

/**
 * The least of several runs: on a machine that has other things to do an answer may miss the first look for it,
 * which is one more read. A run is over when nothing more has been counted for a while (a stream's batch waits for
 * a second).
 */
export async function measure(world: World, name: OperationName, runs = 3): Promise<Counts> {
  const operation: Operation = operations[name];
  let least: Counts | undefined;
  for (let run = 0; run <= runs; run += 1) {
    const prepared = await operation.prepare?.(world);
    if (operation.prepare) await quiet(world);
    const counting = startCounting(world);
    await operation.run(world, prepared);
    await quiet(world);
    const counts = counting.read();
    counting.end();
    // The first one wakes the environments: it also reads what is cached from then on.
    if (run > 0 && (least === undefined || totalOf(counts) < totalOf(least))) least = counts;
  }
  return least as Counts;
}

const totalOf = ({ dynamodb }: Counts) => Object.values(dynamodb).reduce((sum, count) => sum + count, 0);

/** Waits until nothing more is counted: a stream's batch waits for a second. */
export async function quiet({ relay }: World): Promise<void> {
  const look = () => JSON.stringify(relay.metrics());
  for (let seen = "", now = look(); seen !== now; now = look()) {
    seen = now;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}
