import { describe, expect, it } from "vitest";
import type { TokenItem } from "../../../shared/store/items.ts";
import { listedAuthorization } from "../../../shared/tokens/authorization.ts";

const now = Date.UTC(2026, 10, 28, 12);
const at = (ms: number) => new Date(now + ms).toISOString();

const token = (about: Partial<TokenItem> = {}): TokenItem => ({
  idTag: "0A1B2C3D",
  networkId: "default",
  status: "Accepted",
  version: "1",
  ...about,
});

describe("a token of a list", () => {
  it.each(["Accepted", "Blocked", "Expired", "Invalid"] as const)("that is %s is answered so", (status) => {
    expect(listedAuthorization(token({ status }), {}, now)).toEqual({ status });
  });

  it("that is accepted for a time is Expired from its end on", () => {
    const limited = token({ validUntil: at(1), groupId: "FLEET" });

    expect(listedAuthorization(limited, {}, now)).toEqual({
      status: "Accepted",
      expiresAt: at(1),
      groupId: "FLEET",
    });
    expect(listedAuthorization(limited, {}, now + 1)).toEqual({ status: "Expired", groupId: "FLEET" });
  });

  it.each(["Blocked", "Invalid"] as const)("that is %s stays so after its end", (status) => {
    expect(listedAuthorization(token({ status, validUntil: at(0) }), {}, now)).toEqual({ status });
  });

  it("with a type is unknown with another type, and known with none", () => {
    const card = token({ type: "ISO14443" });
    const statusWith = (type?: string) => listedAuthorization(card, { type }, now).status;

    expect([statusWith("KeyCode"), statusWith("iso14443"), statusWith()]).toEqual([
      "Unknown",
      "Accepted",
      "Accepted",
    ]);
    expect(listedAuthorization(token(), { type: "KeyCode" }, now).status).toBe("Accepted");
  });

  it("that is not listed is unknown", () => {
    expect(listedAuthorization(undefined, {}, now)).toEqual({ status: "Unknown" });
  });
});
