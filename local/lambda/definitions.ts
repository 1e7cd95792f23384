/** The template's functions, as definitions to run them by. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Resource, type Template, UnservableTemplate } from "../template.ts";
import type { FunctionDefinition } from "./function.ts";

export interface TemplateFunction extends FunctionDefinition {
  readonly logicalId: string;
  readonly entry: string;
  readonly handler: string;
  /** The environment variables of the template. */
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
}

/** Lambda's own: two more attempts. */
const defaultRetries = 2;

export function functionsOf(template: Template): TemplateFunction[] {
  const retries = new Map(
    template
      .ofType("AWS::Lambda::EventInvokeConfig")
      .map((config) => [
        template.property<string>(config, "FunctionName"),
        template.property<number>(config, "MaximumRetryAttempts") ?? defaultRetries,
      ]),
  );
  return template.ofType("AWS::Lambda::Function").map((resource) => {
    const name = template.ref(resource);
    const reserved = template.property<number>(resource, "ReservedConcurrentExecutions");
    return {
      id: resource.constructId,
      logicalId: resource.logicalId,
      name,
      arn: template.attribute(resource, "Arn"),
      timeoutMs: Number(template.property<number>(resource, "Timeout") ?? 3) * 1000,
      memoryMb: Number(template.property<number>(resource, "MemorySize") ?? 128),
      asyncRetries: retries.get(name) ?? defaultRetries,
      variables: variablesOf(template, resource),
      logGroup:
        template.property<{ LogGroup?: string }>(resource, "LoggingConfig")?.LogGroup ??
        `/aws/lambda/${name}`,
      ...(reserved === undefined ? {} : { reservedConcurrency: Number(reserved) }),
      ...moduleOf(template, resource),
    };
  });
}

/** Where the code is: `index.handler` names a file in the asset's folder and what it exports. */
function moduleOf(template: Template, resource: Resource): { entry: string; handler: string } {
  const runtime = template.property<string>(resource, "Runtime") ?? "none";
  if (!runtime.startsWith("nodejs")) {
    throw new UnservableTemplate(
      `Function ${resource.constructId} runs on ${runtime}; only Node.js can be served`,
    );
  }
  const folder = template.codeFolder(template.property<{ S3Key?: string }>(resource, "Code") ?? {});
  const path = template.property<string>(resource, "Handler") ?? "";
  const dot = path.lastIndexOf(".");
  const base = join(folder, path.slice(0, dot));
  const file = [".mjs", ".js", ".cjs"].map((extension) => base + extension).find(existsSync);
  if (file === undefined) {
    throw new UnservableTemplate(`Function ${resource.constructId}: there is no ${base}.mjs, .js or .cjs`);
  }
  return { entry: pathToFileURL(file).href, handler: path.slice(dot + 1) };
}

function variablesOf(template: Template, resource: Resource): Record<string, string> {
  const { Variables: variables = {} } =
    template.property<{ Variables?: Record<string, unknown> }>(resource, "Environment") ?? {};
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)]));
}
