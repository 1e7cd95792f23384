import { isDeepStrictEqual } from "node:util";
import type { Journal } from "../journal.ts";
import { conflict, invalid, notFound } from "./errors.ts";
import { dueAt } from "./expression.ts";
import { arnOf, type Definition, keyOf, readDefinition, readName, type Schedule } from "./schedule.ts";

export interface OperationsOptions {
  readonly journal: Journal<Schedule>;
  /** The schedule groups there are, besides `default`. */
  readonly groups: readonly string[];
  readonly now: () => number;
}

type Body = Readonly<Record<string, unknown>>;

/** The API's operations (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html). */
export function createOperations({ journal, groups, now }: OperationsOptions) {
  function create(name: string, body: Body) {
    const definition = readDefinition(name, body);
    requireGroup(definition.GroupName);
    const existing = journal.entries.get(keyOf(definition.GroupName, name));
    if (existing) return repeated(existing, definition, body.ClientToken);
    return put(definition, body, now());
  }

  /** A repeat of the very request is answered as it was before, all else is refused. */
  function repeated(existing: Schedule, definition: Definition, clientToken: unknown) {
    const isRepeat = clientToken !== undefined && clientToken === existing.clientToken;
    if (!isRepeat || !isDeepStrictEqual(existing.definition, definition)) {
      throw conflict(`Schedule ${definition.Name} already exists.`);
    }
    return { ScheduleArn: arnOf(definition) };
  }

  function update(name: string, body: Body) {
    const definition = readDefinition(name, body);
    return put(definition, body, find(name, definition.GroupName).createdMs);
  }

  function put(definition: Definition, { ClientToken }: Body, createdMs: number) {
    journal.set(keyOf(definition.GroupName, definition.Name), {
      definition,
      clientToken: ClientToken === undefined ? undefined : String(ClientToken),
      dueMs: dueAt(definition.ScheduleExpression, definition.ScheduleExpressionTimezone),
      createdMs,
      modifiedMs: now(),
      completed: false,
    });
    return { ScheduleArn: arnOf(definition) };
  }

  function get(name: string, query: URLSearchParams) {
    const schedule = find(name, query.get("groupName") ?? "default");
    return { ...schedule.definition, Arn: arnOf(schedule.definition), ...dates(schedule) };
  }

  function remove(name: string, query: URLSearchParams) {
    const { definition } = find(name, query.get("groupName") ?? "default");
    journal.delete(keyOf(definition.GroupName, name));
    return {};
  }

  /** By group and name; the token is the key of the last one given. */
  function list(query: URLSearchParams) {
    const group = query.get("ScheduleGroup");
    if (group !== null) requireGroup(group);
    const limit = Number(query.get("MaxResults") ?? 100);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw invalid("MaxResults: 1 to 100");
    const after = Buffer.from(query.get("NextToken") ?? "", "base64url").toString();

    const keys = [...journal.entries.keys()].sort();
    const found = keys.flatMap((key) => {
      const schedule = journal.entries.get(key);
      return schedule && key > after && matches(schedule.definition, query) ? [schedule] : [];
    });
    const page = found.slice(0, limit);
    const last = page.at(-1)?.definition;
    return {
      Schedules: page.map(summary),
      ...(last && found.length > limit
        ? { NextToken: Buffer.from(keyOf(last.GroupName, last.Name)).toString("base64url") }
        : {}),
    };
  }

  function find(name: string, group: string): Schedule {
    requireGroup(group);
    const schedule = journal.entries.get(keyOf(group, readName("name", name)));
    if (!schedule) throw notFound(`Schedule ${name} does not exist.`);
    return schedule;
  }

  function requireGroup(name: string): void {
    if (readName("groupName", name) !== "default" && !groups.includes(name)) {
      throw notFound(`Schedule group ${name} does not exist.`);
    }
  }

  return { create, update, get, remove, list };
}

function matches({ GroupName, Name, State }: Definition, query: URLSearchParams): boolean {
  return (
    (query.get("ScheduleGroup") ?? GroupName) === GroupName &&
    Name.startsWith(query.get("NamePrefix") ?? "") &&
    (query.get("State") ?? State) === State
  );
}

function summary(schedule: Schedule) {
  const { Name, GroupName, State, Target } = schedule.definition;
  return {
    Arn: arnOf(schedule.definition),
    Name,
    GroupName,
    State,
    Target: { Arn: Target.Arn },
    ...dates(schedule),
  };
}

/** Timestamps of the REST-JSON protocol are epoch seconds. */
const dates = ({ createdMs, modifiedMs }: Schedule) => ({
  CreationDate: createdMs / 1000,
  LastModificationDate: modifiedMs / 1000,
});
