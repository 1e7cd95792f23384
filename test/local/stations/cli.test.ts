import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CentralSystem } from "../../support/central-system.ts";

const PASSWORD = "a-password-of-32-characters-here";

const system = new CentralSystem();

beforeAll(() => system.start());
afterAll(() => system.close());

describe("npm run station", () => {
  const run = (...args: string[]) => {
    const cli = fileURLToPath(new URL("../../../local/stations/cli.ts", import.meta.url));
    const child = spawn(process.execPath, [cli, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const output = { text: "" };
    const printed = async (text: string) => {
      while (!output.text.includes(text)) await once(child.stdout, "data");
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output.text += chunk;
      });
    }
    return { child, output, printed, exited: once(child, "exit") };
  };

  it("connects, prints what happens, and ends on Ctrl-C", async () => {
    system.passwords.set("CLI", PASSWORD);
    const { child, output, printed, exited } = run(
      "--identity",
      "CLI",
      "--password",
      PASSWORD,
      "--url",
      system.url,
    );
    await printed("ready");

    const answer = await system.record("CLI").call("ClearCache", {});
    await printed("answered ClearCache");
    child.kill("SIGINT");

    expect(answer).toEqual({ status: "Accepted" });
    expect(await exited).toEqual([0, null]);
    expect(output.text).toContain("→ BootNotification");
    expect(output.text).toContain("← ClearCache {}");
  });

  it.each([
    ["--identity is missing", []],
    ["ocpp9 is not one of ocpp1.6", ["--identity", "CLI", "--protocol", "ocpp9"]],
    ["Unknown option '--colour'", ["--identity", "CLI", "--colour", "red"]],
    ["no colon", ["--identity", "C:LI"]],
    ["is not a ws:// or wss:// URL", ["--identity", "CLI", "--password", "x", "--url", "http://127.0.0.1"]],
    ["--cert and --key belong together", ["--identity", "CLI", "--cert", "x.pem"]],
    ["--cert and --key belong together", ["--identity", "CLI", "--ca", "x.pem"]],
    [
      "--password and --cert exclude each other",
      ["--identity", "CLI", "--cert", "x.pem", "--key", "x.key", "--password", "x"],
    ],
    ["no such file", ["--identity", "CLI", "--cert", "x.pem", "--key", "x.key"]],
    [
      "--cert needs TLS: use a wss:// URL",
      ["--identity", "CLI", "--cert", "x", "--key", "x", "--url", "ws://127.0.0.1/ocpp"],
    ],
    ["is the relay running", ["--identity", "CLI", "--api", "http://127.0.0.1:65001"]],
  ])("says what is wrong: %s", async (message, args) => {
    const { output, exited } = run(...args);
    expect(await exited).toEqual([1, null]);
    expect(output.text).toContain(message);
    expect(output.text).not.toMatch(/^ +at /m);
  });
});
