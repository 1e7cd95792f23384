import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import type { TimerRight } from "../../infra/constructs/attempt-timers.ts";
import {
  type ConnectionsMethod,
  type FunctionSpec,
  functionIds,
  functionSpecs,
  type TableAction,
} from "../../infra/functions.ts";
import { root } from "../../infra/synth.ts";
import type { Timers } from "../../shared/attempts/timers.ts";
import type { VisibleConnections } from "../../shared/calls/post.ts";
import type { Table } from "../../shared/store/table.ts";

/** What the methods of the store need on AWS. */
const tableActions: Record<Exclude<keyof Table, "name">, TableAction> = {
  get: "GetItem",
  getMany: "BatchGetItem",
  getManyWith: "BatchGetItem",
  partition: "Query",
  put: "PutItem",
  update: "UpdateItem",
  delete: "DeleteItem",
  list: "QueryIndex",
  search: "QuerySearchIndex",
};
const timerRights: Record<keyof Timers, TimerRight> = { set: "set", clear: "clear" };
const connectionMethods: Record<keyof VisibleConnections, ConnectionsMethod> = {
  post: "POST",
  isGone: "GET",
  close: "DELETE",
};

/** A function's own code, lazy parts too, without what it never reaches and without packages. */
async function codeOf({ entry }: FunctionSpec): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: "unwritten",
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    loader: { ".json": "empty" },
    logLevel: "silent",
  });
  return outputFiles.map(({ text }) => text).join("\n");
}

/** Which of these an object of that name is asked for, sorted. esbuild numbers names that clash: `table2`. */
function asked<Right>(code: string, object: string, methods: Readonly<Record<string, Right>>): Right[] {
  const calls = code.matchAll(new RegExp(`\\b${object}\\d*\\.(\\w+)\\(`, "g"));
  const rights = [...calls].flatMap(([, method]) => methods[method ?? ""] ?? []);
  return [...new Set(rights)].sort();
}

describe("a function's rights", () => {
  it.each(functionIds)("are what the code of %s asks for, no more and no fewer", async (id) => {
    const spec: FunctionSpec = functionSpecs[id];

    const code = await codeOf(spec);

    // a function without the table's name shares code that uses tables, but gets no table
    const knowsTable = code.includes('"TABLE_NAME"');
    expect(knowsTable ? asked(code, "table", tableActions) : []).toEqual([...(spec.table ?? [])].sort());
    const knowsPasswords = code.includes('"PASSWORD_TABLE_NAME"');
    const readsBoth = /\btable\d*\.getManyWith\(/.test(code) ? ["BatchGetItem"] : [];
    const onPasswords = [...asked(code, "passwords", tableActions), ...readsBoth].sort();
    expect(knowsPasswords ? onPasswords : []).toEqual([...(spec.passwords ?? [])].sort());
    expect(asked(code, "connections", connectionMethods)).toEqual([...(spec.connections ?? [])].sort());
    expect(asked(code, "timers", timerRights)).toEqual([...(spec.timers ?? [])].sort());
    expect(code.includes("new InvokeCommand(")).toBe(spec.goesOnInBackground ?? false);
    const knowsSecrets = code.includes('"WEBHOOK_SECRET_TABLE_NAME"');
    expect(knowsSecrets ? asked(code, "secrets", tableActions) : []).toEqual(
      [...(spec.webhookSecrets ?? [])].sort(),
    );
    expect(code.includes('"WEBHOOK_QUEUE_URL"')).toBe(spec.sendsToWebhookQueue ?? false);
    expect(code.includes('"BULK_QUEUE_URL"')).toBe(spec.sendsToBulkQueue ?? false);
  });
});
