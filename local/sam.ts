/**
 * What `sam local` needs to run the remote API's functions against the services that run here: docs/sam-local.md.
 *
 *     template.json    the HTTP API and its functions, as synthesized, with every variable that env.json sets
 *     env.json         for --env-vars: each function's variables, by logical id
 *     <logical id>/    a function's bundle, and local/sam/handler.ts in front of it
 *
 * The synthesized template itself is not usable: `start-api` breaks off at a WebSocket API's route keys, and
 * --env-vars passes only variables that the template names (samcli 1.170.0: providers/cfn_api_provider.py,
 * lambdafn/env_vars.py).
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { integrationOf, partsOf } from "./integrations.ts";
import type { Resource, Template } from "./template.ts";

export interface SamFolder {
  /** Made anew. */
  readonly folder: string;
  readonly template: Template;
  readonly httpApi: Resource;
  /** Of every function, by logical id: all that an execution environment is started with. */
  readonly variables: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Where a container finds what listens on its host's loopback: Docker Desktop's name for it. */
const HOST = "host.docker.internal";

/** Variables that the runtime sets, in a container as on Lambda. */
const isOfRuntime = (name: string): boolean => name.startsWith("AWS_LAMBDA_") || name === "AWS_EXECUTION_ENV";

export function writeSamFolder({ folder, template, httpApi, variables }: SamFolder): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const write = (file: string, content: unknown) =>
    writeFileSync(join(folder, file), `${JSON.stringify(content, undefined, 2)}\n`);

  const environment = Object.fromEntries(
    Object.entries(variables).map(([id, own]) => [id, forContainer(own)] as const),
  );
  const routes = partsOf(template, httpApi, "AWS::ApiGatewayV2::Route");
  const integrations = [...new Set(routes.map((route) => integrationOf(template, httpApi, route)))];
  const targets = new Set(
    integrations.map((integration) => template.property(integration, "IntegrationUri")),
  );
  const functions = template
    .ofType("AWS::Lambda::Function")
    .filter((resource) => targets.has(template.attribute(resource, "Arn")));

  write("env.json", environment);
  write("template.json", {
    AWSTemplateFormatVersion: "2010-09-09",
    Resources: Object.fromEntries(
      [
        httpApi,
        ...partsOf(template, httpApi, "AWS::ApiGatewayV2::Stage").map(bare("ApiId", "StageName")),
        ...integrations,
        ...routes.map(bare("ApiId", "RouteKey", "Target")),
        ...functions.map((fn) => functionIn(fn, environment[fn.logicalId] ?? {})),
      ].map(({ logicalId, type, properties, ...rest }) => [
        logicalId,
        { Type: type, Properties: properties, ...("metadata" in rest && { Metadata: rest.metadata }) },
      ]),
    ),
  });
  const handler = readFileSync(new URL("./sam/handler.ts", import.meta.url), "utf8");
  const { code } = transformSync(handler, { loader: "ts", target: "node24", format: "esm" });
  for (const { logicalId, properties } of functions) {
    const { Code } = properties as { Code: { S3Key?: string } };
    cpSync(template.codeFolder(Code), join(folder, logicalId), { recursive: true });
    writeFileSync(join(folder, logicalId, "sam.mjs"), code);
    write(join(logicalId, "routes.json"), scopesByRoute(template, routes));
  }
}

const forContainer = (variables: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables)
      .filter(([name]) => !isOfRuntime(name))
      .map(([name, value]) => [name, value.replaceAll(/^(http|ws):\/\/127\.0\.0\.1:/g, `$1://${HOST}:`)]),
  );

const bare =
  (...names: string[]) =>
  (resource: Resource): Resource => ({
    ...resource,
    properties: Object.fromEntries(names.map((name) => [name, resource.properties[name]])),
  });

/** The architecture is the machine's own: the bundles are JavaScript, and an emulated one is slow. */
function functionIn(resource: Resource, variables: Readonly<Record<string, string>>) {
  const { logicalId, properties } = resource;
  const { FunctionName, MemorySize, Runtime, Timeout } = properties;
  return {
    ...resource,
    properties: {
      FunctionName,
      MemorySize,
      Runtime,
      Timeout,
      Handler: "sam.handler",
      Architectures: [process.arch === "arm64" ? "arm64" : "x86_64"],
      Code: logicalId,
      Environment: { Variables: variables },
    },
    metadata: { "aws:asset:path": logicalId, "aws:asset:property": "Code" },
  };
}

const scopesByRoute = (template: Template, routes: readonly Resource[]): Record<string, string[]> =>
  Object.fromEntries(
    routes.flatMap((route) => {
      const scopes = template.property<string[]>(route, "AuthorizationScopes");
      return scopes ? [[String(template.property(route, "RouteKey")), scopes]] : [];
    }),
  );
