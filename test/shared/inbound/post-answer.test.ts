import { describe, expect, it } from "vitest";
import type { PostOutcome } from "../../../shared/calls/post.ts";
import { postAnswer } from "../../../shared/inbound/post-answer.ts";

/** Posts an answer while the management API responds like this, the last outcome for ever. */
async function post(...outcomes: PostOutcome[]) {
  const posted: string[] = [];
  let sleptMs = 0;
  const connections = {
    post: async (connectionId: string, frame: string) => {
      posted.push(`${connectionId} ${frame}`);
      return outcomes[Math.min(posted.length, outcomes.length) - 1] as PostOutcome;
    },
    close: async () => {},
  };
  const sleep = async (ms: number) => {
    sleptMs += ms;
  };
  await postAnswer({ connections, clock: { sleep } }, "c", "[3]");
  return { posted, sleptMs };
}

describe("an answer to a station's CALL", () => {
  it("is posted once on the connection of the CALL", async () => {
    expect(await post("sent")).toEqual({ posted: ["c [3]"], sleptMs: 0 });
  });

  it("is posted again while API Gateway throttles", async () => {
    expect((await post("throttled", "throttled", "sent")).posted).toHaveLength(3);
  });

  it("is given up within the function's time when API Gateway goes on throttling", async () => {
    const { posted, sleptMs } = await post("throttled");

    expect(posted).toHaveLength(6);
    expect(sleptMs).toBeLessThan(5_000);
  });

  it.each<PostOutcome>(["gone", "refused", "unknown"])("is not posted again after %s", async (outcome) => {
    expect((await post(outcome)).posted).toHaveLength(1);
  });
});
