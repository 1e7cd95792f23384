/** The origin secret: proves that a handshake came through CloudFront, and by which station endpoint. */
import { createHash, timingSafeEqual } from "node:crypto";

/** CloudFront sets this header to the secret of the endpoint; a value that a station sends is replaced. */
export const ORIGIN_SECRET_HEADER = "X-Ocpp-Relay-Door";

/**
 * Headers in which CloudFront passes on the client certificate that it has verified.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewer-mtls-headers.html
 */
export const certificateHeaders = {
  /** "1" if the station presented a certificate. */
  present: "CloudFront-Viewer-Cert-Present",
  /** Its distinguished name (RFC 2253). */
  subject: "CloudFront-Viewer-Cert-Subject",
  serialNumber: "CloudFront-Viewer-Cert-Serial-Number",
  sha256: "CloudFront-Viewer-Cert-Sha256",
} as const;

/** `basic`: passwords (security profiles 1 and 2). `certificate`: client certificates (profile 3). */
export type EndpointName = "basic" | "certificate";

/** The valid secrets of each endpoint; several of them during a rotation. */
export type EndpointSecrets = Readonly<Record<EndpointName, readonly string[]>>;

/**
 * Returns the endpoint that the secret belongs to, or undefined. Every secret is compared, in constant time, so that
 * the duration does not depend on how close a guess is.
 */
export function endpointOf(shown: string | undefined, secrets: EndpointSecrets): EndpointName | undefined {
  const digest = sha256(shown ?? "");
  const matches = (endpoint: EndpointName) =>
    secrets[endpoint]
      .map((secret) => secret !== "" && timingSafeEqual(sha256(secret), digest))
      .includes(true);
  const [basic, certificate] = [matches("basic"), matches("certificate")];
  if (certificate) return "certificate";
  return basic ? "basic" : undefined;
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
