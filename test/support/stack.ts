import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { inject } from "vitest";
import cdkJson from "../../cdk.json" with { type: "json" };
import { RelayStack } from "../../infra/relay-stack.ts";
import { readSettings } from "../../infra/settings.ts";

export interface TemplateResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test states the type of a template
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: Record<string, unknown>;
}

/** The stack under this context besides cdk.json's, over the bundles that the test run made. */
export function stackOf(
  context: Readonly<Record<string, string>> = {},
  name = "ocpp-relay-test",
): RelayStack {
  const app = new App({
    outdir: mkdtempSync(join(inject("assembly"), "variant-")), // which the run removes at its end
    // Assets stay where they are: a copy of them for each stack would be gigabytes.
    context: { ...cdkJson.context, "aws:cdk:disable-asset-staging": true, ...context },
    treeMetadata: false,
    stackTraces: false,
    builtinCloudFormationValidation: false, // test/infra/synth.test.ts asks for it once
  });
  return new RelayStack(app, name, {
    settings: readSettings(app.node),
    bundles: join(inject("assembly"), "functions"),
    consoleFiles: join(inject("assembly"), "console"),
  });
}

let ownTemplate: Template | undefined;

/** The template under this context besides cdk.json's. The one of cdk.json's alone is made once for all test files. */
export function templateOf(context: Readonly<Record<string, string>> = {}): Template {
  if (Object.keys(context).length > 0) return Template.fromStack(stackOf(context));
  ownTemplate ??= Template.fromStack(stackOf());
  return ownTemplate;
}

/** All resources of a type, by logical id. */
export function resourcesOf(template: Template, type: string): Record<string, TemplateResource> {
  return template.findResources(type) as Record<string, TemplateResource>;
}

/** The functions of the table in infra/functions.ts, by logical id: not those that CDK runs during a deployment. */
export const ownFunctionsOf = (template: Template): Record<string, TemplateResource> =>
  Object.fromEntries(
    Object.entries(resourcesOf(template, "AWS::Lambda::Function")).filter(([id]) => !id.startsWith("Custom")),
  );

/** The one resource of a type whose logical id begins so: CDK makes it from the construct ids without dashes. */
export function resourceOf(template: Template, type: string, construct: string): TemplateResource {
  const prefix = construct.replaceAll(/[^A-Za-z0-9]/g, "");
  const found = Object.entries(resourcesOf(template, type)).filter(([id]) => id.startsWith(prefix));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} ${type} of ${construct}`);
  return first[1];
}

export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/**
 * The statements of all IAM policies whose role begins with the construct's name (all roles by default), in one list.
 */
export function statementsOf(template: Template, construct = ""): Statement[] {
  const prefix = construct.replaceAll(/[^A-Za-z0-9]/g, "");
  return Object.entries(resourcesOf(template, "AWS::IAM::Policy"))
    .filter(([id]) => id.startsWith(prefix))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .map(({ Effect, Action, Resource }) => ({
      effect: Effect,
      actions: [Action].flat(),
      resources: [Resource].flat().map((resource) => JSON.stringify(resource)),
    }));
}
