import { Problem } from "../../problems.ts";
import { utc } from "../../schema/date-time.ts";
import type { Command, CommandRow } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { notSupported } from "../not-supported.ts";
import type { Session } from "../session.ts";
import { getVariables } from "../variables-v2.ts";
import { chunksOf, type ListLimits, plannedCalls, UNASKED_ENTRIES } from "./chunks.ts";
import { type route, V16_STATUSES } from "./route.ts";

type Input = InputOf<typeof route>;
type Entry = Input["entries"][number];

interface Output {
  readonly ocppMessageIds: readonly string[];
  /** Of the first CALL that was not accepted, else of the last. Absent for a legacy station. */
  readonly status?: string;
  readonly acceptedEntries?: number;
}

/** What differs between the generations. */
interface Form {
  entryOf(entry: Entry): object;
  payloadOf(listVersion: number, updateType: Input["updateType"], list: readonly object[]): object;
  /** @throws Problem for what the generation lacks */
  check?(input: Input, session: Session): void;
  /** The station's limits, asked of it; an empty object where it states none. */
  askLimits(session: Session): Promise<ListLimits & { readonly ocppMessageIds: readonly string[] }>;
}

export const sendLocalList: Command<Input, Output> = {
  name: "send_local_list",
  verify: (_, input) => refuseUnclear(input),
  rows: {
    /** §5.15 Send Local List; SendLocalListMaxLength is the limit of entries. */
    v16: rowOf({
      entryOf: ({ idTag, status, expiresAt, groupIdTag }) => ({
        idTag,
        ...(status !== undefined && {
          idTagInfo: {
            status,
            ...(expiresAt !== undefined && { expiryDate: utc(expiresAt) }),
            ...(groupIdTag !== undefined && { parentIdTag: groupIdTag }),
          },
        }),
      }),
      payloadOf: (listVersion, updateType, list) => ({
        listVersion,
        updateType,
        ...(list.length > 0 && { localAuthorizationList: list }),
      }),
      check({ entries }, { protocol }) {
        // without types, two tokens of one idTag are one token
        refuse(repeated(entries, ({ idTag }) => idTag));
        const status = entries.find((entry) => !isV16Status(entry.status))?.status;
        if (status !== undefined)
          throw notSupported(protocol, "SendLocalList", `status ${status} of a token`);
      },
      async askLimits(session) {
        const { ocppMessageId, payload } = await session.call("GetConfiguration", {
          key: ["SendLocalListMaxLength"],
        });
        const [answer] = (payload?.configurationKey ?? []) as readonly { readonly value?: string }[];
        return { ocppMessageIds: [ocppMessageId], ...limit("entries", answer?.value) };
      },
    }),

    /** D01 Send Local Authorization List; LocalAuthListCtrlr has the limits. */
    v2: rowOf({
      entryOf: ({ idTag, idTokenType = "Central", status, expiresAt, groupIdTag }) => ({
        idToken: { idToken: idTag, type: idTokenType },
        ...(status !== undefined && {
          idTokenInfo: {
            status,
            ...(expiresAt !== undefined && { cacheExpiryDateTime: utc(expiresAt) }),
            ...(groupIdTag !== undefined && { groupIdToken: { idToken: groupIdTag, type: "Central" } }),
          },
        }),
      }),
      payloadOf: (versionNumber, updateType, list) => ({
        versionNumber,
        updateType,
        ...(list.length > 0 && { localAuthorizationList: list }),
      }),
      async askLimits(session) {
        const names = ["LocalAuthListCtrlr.ItemsPerMessage", "LocalAuthListCtrlr.BytesPerMessage"];
        const { ocppMessageIds, configurationKeys = [] } = await getVariables(names, session);
        const valueNamed = (name: string) => configurationKeys.find(({ key }) => key === name)?.value;
        const [items, bytes] = names.map(valueNamed);
        return { ocppMessageIds, ...limit("entries", items), ...limit("bytes", bytes) };
      },
    }),
  },
};

const isV16Status = (status: string | undefined): boolean =>
  status === undefined || (V16_STATUSES as readonly string[]).includes(status);

function limit(name: keyof ListLimits, text: string | undefined): ListLimits {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? { [name]: value } : {};
}

interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** Tokens are compared in any case (CiString, identifierString). */
function repeated(entries: readonly Entry[], tokenOf: (entry: Entry) => string): Fault[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, n) => {
    const token = tokenOf(entry).toLowerCase();
    if (seen.has(token)) return [{ pointer: `/entries/${n}/idTag`, detail: "is in the list twice" }];
    seen.add(token);
    return [];
  });
}

/** @throws Problem `invalid-request` for entries that name one token twice, or of which it is unclear what they change */
function refuseUnclear({ updateType, entries }: Input): void {
  const withoutStatus = entries.flatMap(({ status, expiresAt, groupIdTag }, n) => {
    if (status !== undefined) return [];
    const pointer = `/entries/${n}/status`;
    if (updateType === "Full") return [{ pointer, detail: "must be present in a Full list" }];
    const isRemoved = expiresAt === undefined && groupIdTag === undefined;
    return isRemoved ? [] : [{ pointer, detail: "must be present with expiresAt or groupIdTag" }];
  });
  const typed = ({ idTag, idTokenType = "Central" }: Entry) => JSON.stringify([idTag, idTokenType]);
  refuse([...repeated(entries, typed), ...withoutStatus]);
}

function refuse(errors: readonly Fault[]): void {
  if (errors.length > 0)
    throw new Problem("invalid-request", "The list is not clear. Nothing was sent.", { errors });
}

function rowOf({ entryOf, payloadOf, check, askLimits }: Form): CommandRow<Input, Output> {
  return {
    callCount: ({ entries }) => plannedCalls(entries.length),
    async run(input, session) {
      const { listVersion, updateType, entries } = input;
      check?.(input, session);
      const list = entries.map(entryOf);
      await session.check("SendLocalList", payloadOf(listVersion, updateType, list));
      const asked = list.length > UNASKED_ENTRIES ? await stated(askLimits(session)) : { ocppMessageIds: [] };
      const chunks = chunksOf(list, asked);
      if (chunks.length > listVersion) throw tooLow(listVersion, chunks.length);
      const ocppMessageIds = [...asked.ocppMessageIds];
      await session.expectCalls(ocppMessageIds.length + chunks.length);
      let acceptedEntries = 0;
      let status: string | undefined;
      for (const [n, chunk] of chunks.entries()) {
        const version = listVersion - (chunks.length - 1 - n);
        const payload = payloadOf(version, n === 0 ? updateType : "Differential", chunk);
        const answer = await session.call("SendLocalList", payload).catch((error: unknown) => {
          throw error instanceof Problem ? withAccepted(error, acceptedEntries) : error;
        });
        ocppMessageIds.push(answer.ocppMessageId);
        // no request waits for the answers of a legacy station
        if (!answer.payload) continue;
        status = answer.payload.status as string;
        if (status !== "Accepted") {
          await session.expectCalls(ocppMessageIds.length);
          break;
        }
        acceptedEntries += chunk.length;
      }
      return { ocppMessageIds, ...(status !== undefined && { status, acceptedEntries }) };
    },
  };
}

/** The station has the entries of the CALLs before the one that failed. */
const withAccepted = (error: Problem, acceptedEntries: number): Problem =>
  acceptedEntries === 0
    ? error
    : new Problem(
        error.slug,
        `${error.message} The station has accepted the first ${acceptedEntries} entries; the remaining ones are not sent.`,
        { ...error.members, acceptedEntries },
        { cause: error, headers: error.headers },
      );

/** A station that answers the question for its limits by a CALLERROR states none. */
async function stated(asking: ReturnType<Form["askLimits"]>): ReturnType<Form["askLimits"]> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof Problem) || error.slug !== "station-call-error") throw error;
    return { ocppMessageIds: [error.members.ocppMessageId as string] };
  }
}

const tooLow = (listVersion: number, chunks: number): Problem =>
  new Problem(
    "invalid-request",
    `The list goes out in ${chunks} CALLs, each with a version of its own. No part of the list was sent.`,
    { errors: [{ pointer: "/listVersion", detail: `must be at least ${chunks}, not ${listVersion}` }] },
  );
