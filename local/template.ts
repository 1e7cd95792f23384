/**
 * A synthesized Cloud Assembly (`cdk.out`), read the way CloudFormation would: which resources there are, what
 * their properties come to, and where the functions' code lies.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UnservableTemplate } from "./template/intrinsics.ts";
import type { Place, Resource } from "./template/resources.ts";
import { createTemplate, type RawTemplate, type Template } from "./template/stack.ts";

export { type Resource, type Template, UnservableTemplate };

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: { templateFile?: string; file?: string; stackName?: string };
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  readonly displayName?: string;
}
type Metadata = Readonly<Record<string, { type: string; data?: unknown }[]>>;
type AssetManifest = {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
};

/** Throws {@link UnservableTemplate} with a message for people where the assembly cannot be served. */
export function loadAssembly(folder: string): Template {
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), "utf8")) as T;
  if (!existsSync(join(folder, "manifest.json"))) {
    throw new UnservableTemplate(`${folder} holds no Cloud Assembly (manifest.json is missing)`);
  }
  const { artifacts } = read<{ artifacts: Record<string, Artifact> }>("manifest.json");
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  const [stack] = stacks;
  if (stack === undefined || stacks.length > 1) {
    const names = stacks.map(([name]) => name).join(", ");
    throw new UnservableTemplate(`One stack can be served; ${folder} has ${names === "" ? "none" : names}`);
  }
  const [id, artifact] = stack;
  const { additionalMetadataFile: metadataFile } = artifact;
  const metadata = artifact.metadata ?? (metadataFile === undefined ? {} : read<Metadata>(metadataFile));
  const [account, region] = (artifact.environment ?? "").replace("aws://", "").split("/");
  const place: Place = {
    stackName: artifact.properties?.stackName ?? id,
    accountId: account === undefined || account === "unknown-account" ? "000000000000" : account,
    region: region === undefined || region === "unknown-region" ? "us-east-1" : region,
  };
  const assets = new Map<string, string>();
  for (const { type, properties } of Object.values(artifacts)) {
    if (type !== "cdk:asset-manifest" || properties?.file === undefined) continue;
    for (const { source, destinations } of Object.values(read<AssetManifest>(properties.file).files ?? {})) {
      for (const { objectKey } of Object.values(destinations)) {
        if (source.path !== undefined) assets.set(objectKey, resolve(folder, source.path));
      }
    }
  }
  const raw = read<RawTemplate>(artifact.properties?.templateFile ?? `${id}.template.json`);
  return createTemplate(raw, place, constructIds(metadata), assets);
}

/** Logical id → the last distinctive name in the construct's path (`…/api-x/Resource` is `api-x`). */
function constructIds(metadata: Metadata): Map<string, string> {
  const ids = new Map<string, string>();
  for (const [path, entries] of Object.entries(metadata)) {
    for (const { type, data } of entries) {
      if (type !== "aws:cdk:logicalId") continue;
      const names = path.split("/").filter((name) => name !== "Resource" && name !== "Default");
      ids.set(String(data), names.at(-1) ?? String(data));
    }
  }
  return ids;
}
