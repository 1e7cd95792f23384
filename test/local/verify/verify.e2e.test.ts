import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { synthesize } from "../../../infra/synth.ts";
import { certificateContext } from "../../../local/certificate-context.ts";
import { beliefs } from "../../../local/verify/beliefs.ts";
import { type LocalTarget, startLocalTarget } from "../../../local/verify/local-target.ts";
import { type Finding, verify } from "../../../local/verify/run.ts";

let folder: string;
let local: LocalTarget;
let findings: Finding[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ocpp-relay-verify-"));
  const context = { ...certificateContext, stationAnswers: "route" };
  local = await startLocalTarget(await synthesize({ outdir: folder, context }), true);
  findings = await verify(local.target, beliefs);
}, 180_000);
afterAll(async () => {
  await local.close();
  await rm(folder, { recursive: true });
});

describe("verify, on a local stack that sends empty frames for route responses", () => {
  const isOfEmptyFrames = ({ belief }: Finding) => belief.includes("followed by no frame");

  it("finds the empty frame after an answer", () => {
    expect(findings.filter(isOfEmptyFrames)).toMatchObject([
      { result: "differs", detail: 'the frames after the answer: [""], expected []' },
    ]);
  });

  it("finds that all other beliefs hold, and tries each", () => {
    const others = findings.filter((finding) => !isOfEmptyFrames(finding));

    expect(others).toHaveLength(beliefs.length - 1);
    expect(others.filter(({ result }) => result !== "holds")).toEqual([]);
  });
});
