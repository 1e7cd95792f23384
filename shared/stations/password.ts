/**
 * Passwords of Basic authentication, kept as salted scrypt hashes: `scrypt$N$r$p$salt$hash`, the last two in
 * base64url. The parameters stand with each hash, so that they can be raised without breaking older ones.
 */

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** 16 MB and some 40 ms on a Lambda's vCPU: what a connect may cost, and enough for random passwords. */
const PARAMETERS = { N: 16_384, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/**
 * A password for a station: 32 hexadecimal digits, 128 random bits. OCPP asks for 16–40 printable
 * characters (1.6 security whitepaper and 2.x, BasicAuthPassword), and there are stations whose
 * configuration tools do not take punctuation.
 */
export const generatePassword = (): string => randomBytes(16).toString("hex");

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, PARAMETERS);
  const { N, r, p } = PARAMETERS;
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Whether it is the password; takes as long for a wrong one as for the right one. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [scheme, N, r, p, salt = "", hash = ""] = stored.split("$");
  if (scheme !== "scrypt") throw new Error("a stored password has an unknown scheme");
  const expected = Buffer.from(hash, "base64url");
  const parameters = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, "base64url"), expected.length, parameters);
  return timingSafeEqual(actual, expected);
}

/** The work of verifyPassword where there is nothing to verify, so that time does not tell who exists. */
export async function verifyNothing(): Promise<false> {
  await derive("", Buffer.alloc(SALT_BYTES), HASH_BYTES, PARAMETERS);
  return false;
}

function derive(password: string, salt: Buffer, length: number, parameters: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
