import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const lines: string[] = [];

/** The modules with a logger that is not silent, and metrics that are written. */
async function modules() {
  vi.resetModules();
  const { addLogKeys, logger, withLogKeys } = await import("../../shared/logger.ts");
  const { count } = await import("../../shared/metrics.ts");
  const { observed } = await import("../../shared/observed.ts");
  const { unattended } = await import("../../functions/unattended.ts");
  return { addLogKeys, logger, withLogKeys, count, observed, unattended };
}

beforeEach(() => {
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  lines.length = 0;
  for (const level of ["info", "warn", "log", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => lines.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const written = () => lines.map((line) => JSON.parse(line));

describe("observed", () => {
  it("adds the ids of the event, and later ids, to every line", async () => {
    const { addLogKeys, logger, observed } = await modules();
    const handler = observed(
      ({ cpId }: { cpId: string }) => ({ cpId }),
      async () => {
        logger.info("first");
        await Promise.resolve();
        addLogKeys({ commandId: "c1" });
        logger.error("second", new Error("broken"));
        return "result";
      },
    );

    expect(await handler({ cpId: "station" })).toBe("result");
    logger.info("afterwards");

    expect(written()).toEqual([
      expect.objectContaining({ message: "first", cpId: "station" }),
      expect.objectContaining({
        message: "second",
        cpId: "station",
        commandId: "c1",
        error: expect.objectContaining({ message: "broken" }),
      }),
      expect.not.objectContaining({ cpId: "station" }),
    ]);
  });

  it("keeps apart what is done side by side", async () => {
    const { addLogKeys, logger, observed, withLogKeys } = await modules();
    const one = (attemptId: string, ticks: number) =>
      withLogKeys({ attemptId }, async () => {
        for (let n = 0; n < ticks; n++) await Promise.resolve();
        addLogKeys({ commandId: `of-${attemptId}` });
        logger.info("done");
      });

    await observed(
      (_: string) => ({ cpId: "station" }),
      () => Promise.all([one("a", 3), one("b", 1)]),
    )("event");

    expect(written().map(({ attemptId, commandId, cpId }) => [attemptId, commandId, cpId])).toEqual([
      ["b", "of-b", "station"],
      ["a", "of-a", "station"],
    ]);
  });

  it("writes what was counted, once, also where the handler throws", async () => {
    const { count, observed } = await modules();
    const crash = observed(
      (_: string) => ({}),
      async () => {
        count("connects");
        count("connects");
        throw new Error("crashed");
      },
    );

    await expect(crash("event")).rejects.toThrow("crashed");

    expect(written()).toEqual([expect.objectContaining({ connects: [1, 1] })]);
  });

  it("does not fail what has been done because it could not be counted", async () => {
    const { count, observed } = await modules();
    vi.mocked(console.log).mockImplementation(() => {
      throw new Error("no more output");
    });
    const handler = observed(
      (_: string) => ({}),
      async () => {
        count("leasesReaped");
        return "done";
      },
    );

    expect(await handler("event")).toBe("done");
    expect(written()).toEqual([
      expect.objectContaining({ level: "ERROR", message: "metrics were not written" }),
    ]);
  });
});

describe("unattended", () => {
  const keysOf = (commandId: string) => ({ commandId });

  it("logs that the work is done", async () => {
    const { unattended } = await modules();

    await unattended(keysOf, async () => {})("c1");

    expect(written()).toEqual([expect.objectContaining({ message: "done", commandId: "c1" })]);
  });

  it("logs and counts a failure, and rethrows it for Lambda", async () => {
    const { unattended } = await modules();
    const fail = async () => {
      throw new Error("no way");
    };

    await expect(unattended(keysOf, fail)("c1")).rejects.toThrow("no way");

    expect(written()).toEqual([
      expect.objectContaining({ level: "ERROR", message: "failed", commandId: "c1" }),
      expect.objectContaining({ backgroundFailed: 1 }),
    ]);
  });
});

describe("the logger", () => {
  it.each([
    [undefined, ["INFO", "WARN", "ERROR"]],
    ["DEBUG", ["INFO", "WARN", "ERROR"]],
    ["WARN", ["WARN", "ERROR"]],
    ["ERROR", ["ERROR"]],
  ])("writes lines from LOG_LEVEL %s on, although Lambda lets INFO pass", async (level, expected) => {
    vi.stubEnv("LOG_LEVEL", level);
    vi.stubEnv("AWS_LAMBDA_LOG_LEVEL", "INFO");
    const { logger } = await modules();

    logger.info("a");
    logger.warn("b");
    logger.error("c");

    expect(written().map((line) => line.level)).toEqual(expected);
  });
});
