/** How each generator makes a client, how the client is compiled, and the five calls it makes. */
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, here, npmTools, openApiGenerator, pythonTools } from "./tools.ts";

export interface Workspace {
  readonly folder: string;
  readonly apiUrl: string;
  readonly token: string;
  /** The identities of two connected stations, the second one of OCPP 2.0.1. */
  readonly station: string;
  readonly other: string;
}

/** What the clients read from their environment; each registers a station of its own. */
const settings = ({ apiUrl, token, station }: Workspace, identity: string) => ({
  ...process.env,
  API_URL: apiUrl,
  TOKEN: token,
  STATION: station,
  IDENTITY: identity,
});

/** Makes a client, compiles it and lets it make its calls. The result is the number of calls, if it is not five. */
export type Trial = (workspace: Workspace) => Promise<unknown>;

export const trials: Readonly<Record<string, Trial>> = {
  "openapi-typescript": (workspace) =>
    typescript(workspace, "openapi-typescript", async (bin, cwd) => {
      // a member with a default is optional in a request
      const output = ["--default-non-nullable=false", "--output", "openapi-typescript.generated.ts"];
      await command(join(bin, "openapi-typescript"), ["openapi.json", ...output], { cwd });
    }),
  "orval (fetch)": (workspace) => typescript(workspace, "orval-fetch", orval(workspace, "fetch")),
  "orval (zod)": (workspace) => typescript(workspace, "orval-zod", orval(workspace, "zod")),
  "openapi-python-client": async (workspace) => {
    const tools = await pythonTools("python-client", "openapi-python-client.txt");
    const cwd = project(workspace, "python-client");
    const env = { ...process.env, PATH: `${join(tools, "bin")}:${process.env.PATH}` };
    const generate = ["generate", "--path", "openapi.json", "--meta", "none", "--output-path", "generated"];
    await command(join(tools, "bin", "openapi-python-client"), generate, { cwd, env });
    await python({ workspace, cwd, tools, program: "openapi_python_client.py" });
  },
  "openapi-generator (Python)": async (workspace) => {
    const jars = await openApiGenerator();
    const tools = await pythonTools("openapi-generator-python", "openapi-generator-python.txt");
    const cwd = project(workspace, "openapi-generator-python");
    await generateWith(jars, "python", cwd);
    cpSync(join(cwd, "generated", "openapi_client"), join(cwd, "openapi_client"), { recursive: true });
    await python({ workspace, cwd, tools, program: "openapi_generator.py" });
  },
  "openapi-generator (Java)": async (workspace) => {
    const cwd = project(workspace, "openapi-generator-java");
    await generateWith(await openApiGenerator(), "java", cwd, "--library", "native");
    const generated = join(cwd, "generated");
    const path = ["dependency:build-classpath", "-Dmdep.outputFile=classpath", "-Dmdep.includeScope=compile"];
    await command("mvn", ["--quiet", "--batch-mode", ...path], { cwd: generated });
    const classpath = (await command("cat", ["classpath"], { cwd: generated })).trim();
    const sources = globSync(join(generated, "src/main/java/**/*.java"));
    const calls = join(here, "clients", "Calls.java");
    await command("javac", ["-nowarn", "-d", "classes", "-cp", classpath, calls, ...sources], { cwd });
    const env = settings(workspace, "GEN-JAVA");
    await command("java", ["-cp", `classes:${classpath}`, "Calls"], { cwd, env });
  },
  "docs/api.http (httpyac)": sendApiHttp,
};

/** Sends every request of docs/api.http in order; each has to succeed. */
async function sendApiHttp(workspace: Workspace): Promise<number> {
  const tools = await npmTools();
  const cwd = project(workspace, "httpyac");
  const text = readFileSync(join(here, "../../docs/api.http"), "utf8")
    .replace("http://127.0.0.1:8080", workspace.apiUrl)
    .replaceAll("DEMO-201", workspace.other)
    .replaceAll("DEMO-16", workspace.station);
  writeFileSync(join(cwd, "api.http"), text);
  const httpyac = join(tools, "node_modules", ".bin", "httpyac");
  // into a file: httpyac exits before a pipe has taken all of its output
  const send = 'exec "$0" "$1" send api.http --all --json > sent.json';
  await command("sh", ["-c", send, process.execPath, httpyac], { cwd }).catch(() => {});
  const { requests } = JSON.parse(readFileSync(join(cwd, "sent.json"), "utf8")) as {
    readonly requests: readonly SentRequest[];
  };
  for (const { title, name, response } of requests) {
    const status = response?.statusCode ?? 0;
    if (status < 200 || status > 299) throw new Error(`${title ?? name}: ${status} ${response?.body}`);
  }
  return requests.length;
}

interface SentRequest {
  readonly title?: string;
  readonly name?: string;
  readonly response?: { readonly statusCode: number; readonly body?: string };
}

/** @returns a folder with a copy of the document */
function project({ folder }: Workspace, name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  copyFileSync(join(folder, "openapi.json"), join(path, "openapi.json"));
  return path;
}

async function typescript(
  workspace: Workspace,
  name: string,
  generate: (bin: string, cwd: string) => Promise<void>,
): Promise<void> {
  const tools = await npmTools();
  const bin = join(tools, "node_modules", ".bin");
  const cwd = project(workspace, name);
  symlinkSync(join(tools, "node_modules"), join(cwd, "node_modules"));
  copyFileSync(join(here, "tsconfig.clients.json"), join(cwd, "tsconfig.json"));
  copyFileSync(join(tools, "package.json"), join(cwd, "package.json"));
  copyFileSync(join(here, "clients", `${name}.ts`), join(cwd, `${name}.ts`));
  await generate(bin, cwd);
  await command(join(bin, "tsc"), ["--project", "tsconfig.json"], { cwd });
  const env = settings(workspace, `GEN-${name}`);
  await command(process.execPath, [`${name}.ts`], { cwd, env });
}

const orval =
  ({ apiUrl }: Workspace, client: string) =>
  async (bin: string, cwd: string) => {
    copyFileSync(join(here, "orval.config.mjs"), join(cwd, "orval.config.mjs"));
    const env = { ...process.env, API_URL: apiUrl };
    await command(join(bin, "orval"), ["--config", "orval.config.mjs", "--project", client], { cwd, env });
  };

async function generateWith(jars: string, language: string, cwd: string, ...options: string[]) {
  const main = ["-cp", jars, "org.openapitools.codegen.OpenAPIGenerator", "generate"];
  await command("java", [...main, "-i", "openapi.json", "-g", language, "-o", "generated", ...options], {
    cwd,
  });
}

interface PythonRun {
  readonly workspace: Workspace;
  readonly cwd: string;
  readonly tools: string;
  readonly program: string;
}

async function python({ workspace, cwd, tools, program }: PythonRun): Promise<void> {
  copyFileSync(join(here, "clients", program), join(cwd, program));
  const interpreter = join(tools, "bin", "python");
  await command(interpreter, ["-m", "compileall", "-q", "."], { cwd });
  await command(interpreter, [program], { cwd, env: settings(workspace, `GEN-${program.slice(0, -3)}`) });
}
