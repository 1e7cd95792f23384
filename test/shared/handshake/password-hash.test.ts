import { describe, expect, it } from "vitest";
import {
  authorizationKeyOf,
  generatePassword,
  hashGenerated,
  hashPassword,
  matchPassword,
  verifyNothing,
} from "../../../shared/handshake/password-hash.ts";

const shows = async (password: string | Buffer, stored: string): Promise<boolean> =>
  (await matchPassword(Buffer.from(password as string), [stored])) === 0;

const saltOf = (stored: string) => stored.split("$")[4];

describe("password", () => {
  it("is recognised, and no other is", async () => {
    const stored = await hashPassword("pässword");
    expect(await shows("pässword", stored)).toBe(true);
    expect(await shows("pässwore", stored)).toBe(false);
    expect(await shows("", stored)).toBe(false);
  });

  it("is stored with its parameters and a salt of its own", async () => {
    const [one, other] = [await hashPassword("same"), await hashPassword("same")];
    expect(one).toMatch(/^scrypt-key\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
  });

  it("is hashed quickly if it was generated, beside a password that was not", async () => {
    const generated = generatePassword();
    const quick = await hashGenerated(generated);
    expect(quick).toMatch(/^scrypt-key\$16\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await shows(generated, quick)).toBe(true);
    expect(await shows(generatePassword(), quick)).toBe(false);
    const chosen = await hashPassword("the-chosen-password", [quick]);
    expect(chosen).toContain("$16384$");
    expect(await matchPassword(Buffer.from("the-chosen-password"), [quick, chosen])).toBe(1);
  });

  it("is verified with the parameters and the form it was stored with", async () => {
    // RFC 7914 §12: scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1), its first 32 bytes
    const hash = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
    const encode = (bytes: Buffer) => bytes.toString("base64url");
    const stored = `scrypt$16384$8$1$${encode(Buffer.from("SodiumChloride"))}$${encode(Buffer.from(hash, "hex"))}`;
    expect(await shows("pleaseletmein", stored)).toBe(true);
    expect(await shows(Buffer.from("pleaseletmein").toString("hex"), stored)).toBe(false);
  });

  it("is found among several, old form and new, the first that it is", async () => {
    const one = await hashPassword("the-first-password");
    const two = await hashPassword("the-second-password", [one]);
    const again = await hashPassword("the-first-password", [two]);

    expect([saltOf(two), again]).toEqual([saltOf(one), one]);
    expect(await matchPassword(Buffer.from("the-second-password"), [one, two])).toBe(1);
    expect(await matchPassword(Buffer.from("the-first-password"), [two, again, one])).toBe(1);
    expect(await matchPassword(Buffer.from("another"), [two, one])).toBe(-1);
    expect(await matchPassword(Buffer.from("another"), [])).toBe(-1);
  });

  it("borrows no salt from a hash of another form, but that of the next one", async () => {
    const old = "scrypt$16384$8$1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf04";
    const one = await hashPassword("x", [old]);
    expect(saltOf(one)).not.toBe("U29kaXVtQ2hsb3JpZGU");
    expect(saltOf(await hashPassword("y", [old, one]))).toBe(saltOf(one));
  });

  it("is never proven where there is none", async () => {
    expect(await verifyNothing()).toBe(false);
    await expect(shows("x", "plain$x")).rejects.toThrow("unknown scheme");
  });

  it("is generated within what every OCPP version takes", () => {
    const passwords = Array.from({ length: 100 }, generatePassword);
    expect(new Set(passwords).size).toBe(100);
    for (const password of passwords) expect(password).toMatch(/^[A-Za-z0-9]{20}$/);
  });
});

describe("an authorization key", () => {
  it("is the password's bytes in hexadecimal digits", () => {
    // OCTT TC_073_CS
    const key = "4f43415f4f4354545f61646d696e5f74657374";
    expect(authorizationKeyOf(Buffer.from("OCA_OCTT_admin_test"))).toBe(key);
    expect(authorizationKeyOf(Buffer.from(key.toUpperCase()))).toBe(key);
  });

  it.each([
    ["too few digits for 16 bytes", "00112233445566778899aabbccddee"],
    ["too many for 20", "00112233445566778899aabbccddeeff0011223344"],
    ["half a byte too many", "00112233445566778899aabbccddeeff0"],
    ["no digits", "0011223344556677-8899aabbccddeeff"],
  ])("is not what a password looks like that has %s", (_, password) => {
    expect(authorizationKeyOf(Buffer.from(password))).toBe(Buffer.from(password).toString("hex"));
  });

  it("and the bytes it stands for are one password, whichever a station shows", async () => {
    const binary = Buffer.from("00ff102030405060708090a0b0c0d0e0", "hex");
    const stored = await hashPassword("00FF102030405060708090A0B0C0D0E0");
    for (const shown of [binary, Buffer.from(binary.toString("hex"))])
      expect(await matchPassword(shown, [stored])).toBe(0);

    const text = "twenty-characters-ab";
    const ofText = await hashPassword(text);
    for (const shown of [text, Buffer.from(text).toString("hex").toUpperCase()])
      expect(await matchPassword(Buffer.from(shown), [ofText])).toBe(0);
  });
});
