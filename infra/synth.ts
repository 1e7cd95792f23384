import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Annotations, App, type AppProps, Validations } from "aws-cdk-lib";
import { bundle } from "./bundle.ts";
import { buildConsole } from "./console-build.ts";
import { entryPoints } from "./functions.ts";
import { RelayStack } from "./relay-stack.ts";
import { readSettings } from "./settings.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface SynthesizeOptions {
  /** Gets the Cloud Assembly: templates, manifest, the functions' bundles. */
  readonly outdir: string;
  /** As `-c key=value` on the command line. @default cdk.json's context alone */
  readonly context?: Readonly<Record<string, string>>;
  /**
   * Whether cdk-nag and the CloudFormation schemas are asked too, as `cdk synth` does: a finding is an error.
   * Doubles the time.
   *
   * @default false
   */
  readonly validate?: boolean;
}

/** What the `cdk` command adds by itself: where a resource comes from, which `sam local` and the console read. */
const commandLineContext = {
  "aws:cdk:enable-path-metadata": true,
  "aws:cdk:enable-asset-metadata": true,
};

/**
 * What `cdk synth` does, without its process: bundles the functions and writes the Cloud Assembly.
 *
 * @returns the assembly's folder
 */
export async function synthesize(options: SynthesizeOptions): Promise<string> {
  const validate = options.validate ?? false;
  const { context } = JSON.parse(await readFile(join(root, "cdk.json"), "utf8"));
  const app = await relayApp({
    outdir: options.outdir,
    context: { ...context, ...commandLineContext, ...options.context },
    // What is in no template, and only costs time.
    treeMetadata: false,
    stackTraces: false,
    builtinCloudFormationValidation: validate,
  });
  if (validate) await addNag(app);
  return app.synth().directory;
}

/**
 * The app with its one stack, the functions' bundles beside the assembly it will write.
 *
 * @param consoleFiles returns the folder of the console's build. @default an empty page: what only reads the template
 *   does not wait for the build
 */
export async function relayApp(
  props: AppProps = {},
  consoleFiles: (assembly: string) => Promise<string> = emptyConsole,
): Promise<App> {
  const app = new App({
    // The assembly is the same wherever it is made: no CDK version in it, no account, no region.
    analyticsReporting: false,
    ...props,
  });
  const settings = readSettings(app.node);
  const bundles = join(app.outdir, "functions");
  await bundle({ root, outdir: bundles, entries: entryPoints(root), cache: join(root, ".cache", "bundles") });
  new RelayStack(app, `ocpp-relay-${settings.stage}`, {
    description: "ocpp-relay: OCPP-J stations behind an HTTPS API",
    settings,
    bundles,
    consoleFiles: settings.console ? await consoleFiles(app.outdir) : "",
  });
  return app;
}

/** The console as it is deployed. */
export const builtConsole = (): Promise<string> =>
  buildConsole({
    root,
    cache: join(root, ".cache", "console"),
    onBuild: () => console.error("building the console …"),
  });

async function emptyConsole(assembly: string): Promise<string> {
  const folder = join(assembly, "console");
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(folder, "assets", "empty.txt"), "");
  await writeFile(join(folder, "index.html"), "<!doctype html>\n<title>The console was not built</title>\n");
  return folder;
}

/** Checks the app against cdk-nag's AwsSolutions pack when it is synthesized. */
export async function addNag(app: App): Promise<void> {
  // Loaded when asked for: its hundreds of rules take half as long to load as the stack takes to make.
  const { AwsSolutionsChecks } = await import("cdk-nag");
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** Warns if the console is left out only because the endpoints of the issuer are not named. */
export function warnWithoutConsole(app: App): void {
  const { issuer, console } = readSettings(app.node);
  if (issuer === undefined || console !== undefined || app.node.tryGetContext("console") === "false") return;
  for (const stack of app.node.children) {
    Annotations.of(stack).addWarningV2(
      "ocpp-relay:no-console",
      "The console is left out. With issuer it needs consoleClientId, consoleAuthorizeUrl and tokenUrl " +
        "(docs/console.md); -c console=false leaves it out without this warning.",
    );
  }
}

/**
 * Warns if the station endpoints have no web ACL only because of the region that the command line is set to.
 * A warning is in the manifest, so the template remains the same everywhere.
 */
export function warnWithoutWebAcl(app: App, region: string | undefined): void {
  if (region === undefined || region === "us-east-1" || readSettings(app.node).webAcl !== undefined) return;
  for (const stack of app.node.children) {
    Annotations.of(stack).addWarningV2(
      "ocpp-relay:no-web-acl",
      `In ${region} the station endpoints get no web ACL: CloudFront takes one from us-east-1 only. Name it by ` +
        "-c webAcl=<ARN> (docs/web-acl.md explains how to create it), or set -c webAcl=none.",
    );
  }
}
