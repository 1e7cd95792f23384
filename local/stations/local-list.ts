/** The local authorization list of a simulated station (1.6 §3.5.2, 2.x chapter D). */

export interface ListEntry {
  readonly token: string;
  /** Absent in an entry that takes the token off the list. */
  readonly info?: { readonly status: string; readonly expiresAt?: string | undefined } | undefined;
}

export interface ListUpdate {
  readonly version: number;
  readonly updateType: "Full" | "Differential";
  readonly entries: readonly ListEntry[];
}

export class LocalList {
  #version = 0;
  /** By token in lower case. */
  readonly #entries = new Map<string, ListEntry["info"]>();

  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#entries.size;
  }

  update({ version, updateType, entries }: ListUpdate): "Accepted" | "VersionMismatch" {
    if (updateType === "Differential" && version <= this.#version) return "VersionMismatch";
    if (updateType === "Full") this.#entries.clear();
    for (const { token, info } of entries) {
      if (info) this.#entries.set(token.toLowerCase(), info);
      else this.#entries.delete(token.toLowerCase());
    }
    this.#version = version;
    return "Accepted";
  }

  /** Whether a token may charge without a question to the CSMS. */
  accepts(token: string, now: Date): boolean {
    const info = this.#entries.get(token.toLowerCase());
    const isExpired = info?.expiresAt !== undefined && Date.parse(info.expiresAt) <= now.getTime();
    return info?.status === "Accepted" && !isExpired;
  }
}
