/**
 * Signature Version 4, as far as our requests need it: a body in one piece, no query.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

import { createHmac, hash } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Who signs, and for what. */
export interface Signing {
  /** As it is called in a signature: `dynamodb`, `execute-api`. */
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export interface Signable {
  readonly method: string;
  /** As it goes out, percent-encoded. */
  readonly path: string;
  /** By lower-case names; `host` is one of them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** @returns the headers to send */
export function sign(
  { method, path, headers, body }: Signable,
  { service, region, credentials }: Signing,
  now: Date,
): Record<string, string> {
  const at = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const day = at.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signed: Record<string, string> = {
    ...headers,
    "x-amz-date": at,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(signed).sort();
  const request = [
    method,
    path.split("/").map(encode).join("/"),
    "",
    ...names.map((name) => `${name}:${signed[name]}`),
    "",
    names.join(";"),
    hash("sha256", body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", at, scope, hash("sha256", request)].join("\n");
  const signature = hmac(keyOf(secretAccessKey, day, region, service), text).toString("hex");
  signed.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return signed;
}

/** A path is encoded once more for its signature, by every service but S3. */
const encode = (segment: string): string =>
  encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The last key made: it holds for a day, and an environment signs for one or two services. */
const keys = new Map<string, { readonly madeOf: string; readonly key: Buffer }>();

function keyOf(secret: string, day: string, region: string, service: string): Buffer {
  const madeOf = `${secret}/${day}/${region}`;
  const known = keys.get(service);
  if (known?.madeOf === madeOf) return known.key;
  const key = [region, service, "aws4_request"].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, day));
  keys.set(service, { madeOf, key });
  return key;
}
