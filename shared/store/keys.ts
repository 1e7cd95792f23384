/**
 * The keys of the table, and of the one with password hashes. What must change atomically shares an item; what is
 * listed newest first or by name carries `gsi1pk`/`gsi1sk`, the keys of the list index. What is searched over a whole
 * network besides carries `gsi2pk`/`gsi2sk`, the keys of the search index. Both indexes hold keys alone: slots, lanes,
 * connects and answers change items that are in lists, and write no index.
 */

import { createHash } from "node:crypto";
import { iso } from "../time.ts";

export const INDEX = "gsi1";
/**
 * Commands, attempts, transactions and log entries of a network. Neither Heartbeats nor meter readings: each entry
 * costs a write unit. No two entries of a list have the same sort key.
 */
export const SEARCH_INDEX = "gsi2";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A station's text may be longer than a sort key can be (1,024 bytes); its hash stands for the rest then. */
export const keyText = (text: string): string =>
  Buffer.byteLength(text) <= 500
    ? text
    : `${text.slice(0, 100)}~${createHash("sha256").update(text).digest("base64url")}`;

/** Keys of the list index; an item without them is in no list. */
export interface ListKey {
  readonly gsi1pk: string;
  readonly gsi1sk: string;
}

/** Keys of the search index; an item without them is found by its station or its id only. */
export interface SearchKey {
  readonly gsi2pk: string;
  readonly gsi2sk: string;
}

const searchKey = (partition: string, at: string, id: string): SearchKey => ({
  gsi2pk: partition,
  gsi2sk: `${at}#${id}`,
});

export const networkKey = (networkId: string): Key => ({ pk: `NETWORK#${networkId}`, sk: "NETWORK" });
export const NETWORKS = "NETWORKS";
export const networkListKey = (networkId: string): ListKey => ({ gsi1pk: NETWORKS, gsi1sk: networkId });

/** Which networks an API client belongs to. */
export const clientKey = (clientId: string): Key => ({ pk: `CLIENT#${clientId}`, sk: "CLIENT" });

export const stationKey = (cpId: string): Key => ({ pk: `STATION#${cpId}`, sk: "STATION" });
export const stationsOf = (networkId: string): string => `STATIONS#${networkId}`;
export const stationListKey = (networkId: string, identity: string): ListKey => ({
  gsi1pk: stationsOf(networkId),
  gsi1sk: identity,
});

/** The hashes of a station's passwords, in a table of their own: docs/passwords.md. */
export const passwordsKey = (cpId: string): Key => ({ pk: `STATION#${cpId}`, sk: "PASSWORDS" });

/** What get_configuration and accepted changes left behind. */
export const configurationKey = (cpId: string): Key => ({ pk: `STATION#${cpId}`, sk: "CONFIGURATION" });
/** A large configuration goes on here; counted from 0. */
export const configurationPageKey = (cpId: string, page: number): Key => ({
  pk: `STATION#${cpId}`,
  sk: `${configurationKey(cpId).sk}#${page}`,
});

/** The log uploads or firmware updates that a station was asked for; without a kind, the prefix of both. */
export const workKey = (cpId: string, kind: "log" | "firmware" | ""): Key => ({
  pk: `STATION#${cpId}`,
  sk: `WORK#${kind}`,
});

/** A report that was asked for, by the id that its parts carry. */
export const reportKey = (cpId: string, requestId: number): Key => ({
  pk: `STATION#${cpId}`,
  sk: `REPORT#${requestId}`,
});
/** Padded, so that the parts of a report sort as it numbers them. */
export const reportPartKey = (cpId: string, requestId: number, seqNo: number): Key => ({
  pk: `STATION#${cpId}`,
  sk: `${reportPartsPrefix(requestId)}${String(seqNo).padStart(10, "0")}`,
});
/** A part without a number has its content for one: a part that the station repeats is the same part. */
export const listPartKey = (cpId: string, requestId: number, contentHash: string): Key => ({
  pk: `STATION#${cpId}`,
  sk: `${reportPartsPrefix(requestId)}${contentHash}`,
});
export const reportPartsPrefix = (requestId: number): string => `REPORT#${requestId}#`;

/**
 * One exchange towards a station. The message id leads, because that is all a late answer brings, and a
 * command resource is asked for by its id alone; the station in the sort key keeps equal ids of two
 * stations apart.
 */
export const outgoingKey = (messageId: string, cpId: string): Key => ({ pk: `CALL#${messageId}`, sk: cpId });

/**
 * One exchange from a station. OCPP 1.6 message ids are unique per connection only (OCPP-J 1.6 §4.1.4), and
 * there are stations that count from 1 on every connection, so the connection is part of the key.
 */
export const incomingKey = (cpId: string, connectionId: string, messageId: string): Key => ({
  pk: `STATION#${cpId}`,
  sk: `IN#${connectionId}#${messageId}`,
});

/**
 * The last Heartbeat of a station, and how many there were. An item of its own, without a key of an index and below
 * 1 KB: a Heartbeat is two thirds of what stations send, and costs one write unit so.
 */
export const heartbeatKey = (cpId: string): Key => ({ pk: `STATION#${cpId}`, sk: "HEARTBEAT" });

/** The communication log of a station, by time. */
export const logOf = (cpId: string): string => `LOG#${cpId}`;
export const logListKey = (cpId: string, atMs: number, entryId: string): ListKey => ({
  gsi1pk: logOf(cpId),
  gsi1sk: `${iso(atMs)}#${entryId}`,
});

/** The commands of a network, by when they were sent or queued. */
export const commandsOfNetwork = (networkId: string): string => `COMMANDS#${networkId}`;
export const commandSearchKey = (
  { cpId, networkId }: { readonly cpId: string; readonly networkId: string },
  atMs: number,
  commandId: string,
): SearchKey => searchKey(commandsOfNetwork(networkId), iso(atMs), `${commandId}#${cpId}`);

/**
 * A partition of an index takes 1,000 writes a second. A network whose stations all connect at once, 500 a second,
 * writes four times as many log entries.
 */
const LOG_PARTITIONS = 4;
const logPartition = (networkId: string, n: number): string => `LOG#${networkId}#${n}`;

/** The log entries of a network, by time, apart from those that are a command's first CALL. */
export const logSearchKey = (
  { cpId, networkId }: { readonly cpId: string; readonly networkId: string },
  atMs: number,
  entryId: string,
): SearchKey =>
  searchKey(
    logPartition(networkId, Number.parseInt(cpId.slice(0, 8), 16) % LOG_PARTITIONS),
    iso(atMs),
    `${entryId}#${cpId}`,
  );

/** All partitions of the communication log of a network. */
export const logOfNetwork = (networkId: string): string[] => [
  commandsOfNetwork(networkId),
  ...Array.from({ length: LOG_PARTITIONS }, (_, n) => logPartition(networkId, n)),
];

export const rateKey = (networkId: string, rateId: string): Key => ({
  pk: `RATE#${networkId}`,
  sk: rateId,
});

/**
 * A token of a network's list. OCPP compares tokens in any case (1.6 §6.17; 2.0.1 and 2.1 part 2, IdTokenType). The
 * tokens of a network are one partition: a deleted network leaves none behind for a later one of its name.
 */
export const tokenKey = (networkId: string, idTag: string): Key => ({
  pk: `TOKEN#${networkId}`,
  sk: idTag.toLowerCase(),
});
export const tokensOf = (networkId: string): string => `TOKENS#${networkId}`;
export const tokenListKey = (networkId: string, idTag: string): ListKey => ({
  gsi1pk: tokensOf(networkId),
  gsi1sk: idTag.toLowerCase(),
});

export const attemptKey = (attemptId: string): Key => ({ pk: `ATTEMPT#${attemptId}`, sk: "ATTEMPT" });

/** The attempts of a station and of a network, by when they were made. */
export const attemptsOf = (cpId: string): string => `ATTEMPTS#${cpId}`;
export const attemptsOfNetwork = (networkId: string): string => `ATTEMPTS#${networkId}`;
export const attemptListKeys = (
  { cpId, networkId }: { readonly cpId: string; readonly networkId: string },
  createdAtMs: number,
  attemptId: string,
): ListKey & SearchKey => ({
  gsi1pk: attemptsOf(cpId),
  gsi1sk: `${iso(createdAtMs)}#${attemptId}`,
  ...searchKey(attemptsOfNetwork(networkId), iso(createdAtMs), attemptId),
});

/** The transactions of a station, by when they started. */
export const transactionsOf = (cpId: string): string => `TRANSACTIONS#${cpId}`;
export const transactionsOfNetwork = (networkId: string): string => `TRANSACTIONS#${networkId}`;
export const transactionSearchKey = (
  { cpId, networkId }: { readonly cpId: string; readonly networkId: string },
  startedAt: string,
  transactionId: string,
): SearchKey => searchKey(transactionsOfNetwork(networkId), startedAt, `${cpId}#${keyText(transactionId)}`);
export const transactionKey = (cpId: string, transactionId: string): Key => ({
  pk: `STATION#${cpId}`,
  sk: `TRANSACTION#${keyText(transactionId)}`,
});
export const transactionListKey = (cpId: string, startedAt: string, transactionId: string): ListKey => ({
  gsi1pk: transactionsOf(cpId),
  gsi1sk: `${startedAt}#${keyText(transactionId)}`,
});

/** A charge whose id the station gave to another one since; counted from 0. */
export const pastTransactionKey = (cpId: string, transactionId: string, generation: number): Key => ({
  pk: `STATION#${cpId}`,
  sk: `${pastTransactionsKey(cpId).sk}${transactionId}#${generation}`,
});
/** The prefix of all of them. */
export const pastTransactionsKey = (cpId: string): Key => ({ pk: `STATION#${cpId}`, sk: "PAST#" });

/** A StopTransaction that names no charge of ours, or one that began after it. */
export const strayStopKey = (cpId: string, transactionId: string, contentHash: string): Key => ({
  pk: `STATION#${cpId}`,
  sk: `TRANSACTION#${transactionId}#${contentHash}`,
});

/** Which transaction id a StartTransaction of this content was given, so that a retransmission gets it again. */
export const transactionStartKey = (cpId: string, contentHash: string): Key => ({
  pk: `STATION#${cpId}`,
  sk: `START#${contentHash}`,
});

/** Failed handshakes of a station, a source, or both, in a numbered window of time. */
export const failedHandshakesKey = (who: string, window: number): Key => ({
  pk: `FAILED#${who}`,
  sk: String(window),
});

/** A request by the hash of its client and Idempotency-Key. */
export const idempotencyKey = (hash: string): Key => ({ pk: `REQUEST#${hash}`, sk: "REQUEST" });
