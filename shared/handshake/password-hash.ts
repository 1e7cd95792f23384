/**
 * Passwords of Basic authentication, kept as salted scrypt hashes: `scheme$N$r$p$salt$hash`, the last two in
 * base64url. The parameters stand with each hash, so that they can be raised without breaking older ones.
 *
 *     scrypt-key    of the authorization key, see below
 *     scrypt        of the text itself, as version 0.1.0 wrote it
 */

import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** 16 MB and some 40 ms on a Lambda's vCPU: what a connect may cost, and enough for random passwords. */
const PARAMETERS = { N: 16_384, r: 8, p: 1 };
/**
 * For generated passwords: 119 random bits are beyond guessing, however fast a guess is. An import hashes 500 of them
 * in the time of one request; with the parameters above they would take 35 s on 0.58 of a vCPU.
 */
const QUICK = { N: 16, r: 1, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const GENERATED_LENGTH = 20;

/**
 * A password for a station: 20 letters and digits, 119 random bits. That is as long as OCPP 1.6 allows (16–20
 * bytes, security white paper §4) and within what 2.x wants (16–40 characters, BasicAuthPassword); and there are
 * stations whose configuration tools do not take punctuation.
 */
export const generatePassword = (): string =>
  Array.from(
    { length: GENERATED_LENGTH },
    () => LETTERS_AND_DIGITS[randomInt(LETTERS_AND_DIGITS.length)],
  ).join("");

/** 16 to 20 bytes as hexadecimal digits. */
const HEXADECIMAL = /^(?:[0-9a-f]{2}){16,20}$/i;

/**
 * A password as OCPP 1.6 has it sent, by the configuration key AuthorizationKey: its bytes as hexadecimal digits.
 * One that consists of such digits is taken for those bytes already.
 *
 * Stations differ in which of the two they then show when they connect, the bytes (as the white paper wants it) or
 * the digits, so both count as the same password: what is hashed is this form of either.
 */
export function authorizationKeyOf(password: Buffer): string {
  const text = password.toString("latin1");
  return HEXADECIMAL.test(text) ? text.toLowerCase() : password.toString("hex");
}

/** Which form of a password a scheme hashes. */
const forms: Readonly<Record<string, (password: Buffer) => string>> = {
  "scrypt-key": authorizationKeyOf,
  scrypt: (password) => password.toString(),
};

const SCHEME = "scrypt-key";

/**
 * @param beside the same station's hashes: the salt of one is used again where it can be, so that a password is
 *   compared with both for the price of one
 */
export async function hashPassword(password: string, beside: readonly string[] = []): Promise<string> {
  const head = headOf(PARAMETERS);
  const alike = beside.find((each) => each.startsWith(`${head}$`));
  const salt = alike ? partsOf(alike).salt : randomBytes(SALT_BYTES);
  return hashed(password, salt, PARAMETERS);
}

/** The hash of a password of `generatePassword`, and of no other. */
export const hashGenerated = (password: string): Promise<string> =>
  hashed(password, randomBytes(SALT_BYTES), QUICK);

const headOf = ({ N, r, p }: typeof PARAMETERS): string => [SCHEME, N, r, p].join("$");

async function hashed(password: string, salt: Buffer, parameters: typeof PARAMETERS): Promise<string> {
  const hash = await derive(authorizationKeyOf(Buffer.from(password)), salt, HASH_BYTES, parameters);
  return [headOf(parameters), salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/**
 * Which of these hashes is the password's: the place of the first one, -1 for none. One scrypt for all that
 * share a salt, and as much time for a wrong password as for the right one. Quick hashes alone cost one scrypt of the
 * usual parameters besides: the duration must not reveal which stations exist.
 */
export async function matchPassword(password: Buffer, stored: readonly string[]): Promise<number> {
  const derived = new Map<string, Promise<Buffer>>();
  const isQuick = stored.every((each) => partsOf(each).parameters.N < PARAMETERS.N);
  const [matches] = await Promise.all([
    Promise.all(
      stored.map(async (each) => {
        const { head, form, salt, hash, parameters } = partsOf(each);
        const actual = derived.get(head) ?? derive(form(password), salt, hash.length, parameters);
        derived.set(head, actual);
        return timingSafeEqual(await actual, hash);
      }),
    ),
    isQuick && verifyNothing(),
  ]);
  return matches.indexOf(true);
}

/**
 * Costs as much time as a comparison. Used if there is no hash to compare, so that the duration does not reveal which
 * stations exist.
 */
export async function verifyNothing(): Promise<false> {
  await derive("", Buffer.alloc(SALT_BYTES), HASH_BYTES, PARAMETERS);
  return false;
}

function partsOf(stored: string) {
  const [scheme = "", N, r, p, salt = "", hash = ""] = stored.split("$");
  const form = forms[scheme];
  if (!form) throw new Error("a stored password has an unknown scheme");
  return {
    /** All but the hash. */
    head: stored.slice(0, stored.lastIndexOf("$")),
    form,
    salt: Buffer.from(salt, "base64url"),
    hash: Buffer.from(hash, "base64url"),
    parameters: { N: Number(N), r: Number(r), p: Number(p) },
  };
}

function derive(password: string, salt: Buffer, length: number, parameters: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
