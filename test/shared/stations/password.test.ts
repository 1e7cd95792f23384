import { describe, expect, it } from "vitest";
import {
  generatePassword,
  hashPassword,
  verifyNothing,
  verifyPassword,
} from "../../../shared/stations/password.ts";

describe("password", () => {
  it("is recognised, and no other is", async () => {
    const stored = await hashPassword("pässword");
    expect(await verifyPassword("pässword", stored)).toBe(true);
    expect(await verifyPassword("pässwore", stored)).toBe(false);
    expect(await verifyPassword("", stored)).toBe(false);
  });

  it("is stored with its parameters and a salt of its own", async () => {
    const [one, other] = [await hashPassword("same"), await hashPassword("same")];
    expect(one).toMatch(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
  });

  it("is verified with the parameters it was stored with", async () => {
    // RFC 7914 §12: scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1), its first 32 bytes
    const hash = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
    const encode = (bytes: Buffer) => bytes.toString("base64url");
    const stored = `scrypt$16384$8$1$${encode(Buffer.from("SodiumChloride"))}$${encode(Buffer.from(hash, "hex"))}`;
    expect(await verifyPassword("pleaseletmein", stored)).toBe(true);
  });

  it("is never proven where there is none", async () => {
    expect(await verifyNothing()).toBe(false);
    await expect(verifyPassword("x", "plain$x")).rejects.toThrow("unknown scheme");
  });

  it("is generated within what every OCPP version takes", () => {
    const passwords = Array.from({ length: 100 }, generatePassword);
    expect(new Set(passwords).size).toBe(100);
    for (const password of passwords) expect(password).toMatch(/^[\x21-\x7e]{16,40}$/);
  });
});
