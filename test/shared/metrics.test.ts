import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { count, flushMetrics, measure } from "../../shared/metrics.ts";

const lines: string[] = [];

beforeEach(() => {
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  vi.stubEnv("POWERTOOLS_SERVICE_NAME", "relay-test");
  lines.length = 0;
  vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const written = () => lines.map((line) => JSON.parse(line));

describe("metrics", () => {
  it("are written once, together where their dimensions are the same", async () => {
    count("connects");
    measure("roundTrip", 120);
    measure("roundTrip", 80);
    count("leasesReaped", {}, 3);
    expect(lines).toEqual([]);

    await flushMetrics();
    await flushMetrics();

    expect(written()).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: "ocpp-relay",
              Dimensions: [["service"]],
              Metrics: [
                { Name: "connects", Unit: "Count" },
                { Name: "roundTrip", Unit: "Milliseconds" },
                { Name: "leasesReaped", Unit: "Count" },
              ],
            },
          ],
        },
        service: "relay-test",
        connects: 1,
        roundTrip: [120, 80],
        leasesReaped: 3,
      },
    ]);
  });

  it("count a command by its outcome, with its name and without", async () => {
    count("commands", { command: "reset", outcome: "answered" });
    count("commands", { command: "reset", outcome: "timedOut" });
    count("commands", { command: "reset", outcome: "answered" });

    await flushMetrics();

    expect(written().map(({ _aws, ...rest }) => [_aws.CloudWatchMetrics[0].Dimensions, rest])).toEqual(
      [
        ["answered", [1, 1]],
        ["timedOut", 1],
      ].map(([outcome, commands]) => [
        [
          ["service", "command", "outcome"],
          ["service", "outcome"],
        ],
        { service: "relay-test", command: "reset", outcome, commands },
      ]),
    );
  });

  it("write nothing where nothing was counted", async () => {
    await flushMetrics();

    expect(lines).toEqual([]);
  });
});
