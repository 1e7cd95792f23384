import "reflect-metadata"; // @peculiar/x509 asks for it
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Name,
  PemConverter,
  X509CertificateGenerator,
} from "@peculiar/x509";

const hourMs = 3_600_000;
/** As texts, which the library leaves as they are; it would read quotes and escapes in bare values. */
const asTexts = (name: Subject[number]): Record<string, { utf8String: string }[]> =>
  Object.fromEntries(
    Object.entries(name).map(([type, values]) => [type, values.map((utf8String) => ({ utf8String }))]),
  );
const newKeys = () =>
  crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);

/** Values by type, for each part of the name, as they are to be in the certificate. */
export type Subject = readonly Readonly<Record<string, readonly string[]>>[];

export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface StationAuthority {
  /** PEM */
  readonly ca: string;
  /** A certificate with this subject. `expired`: since an hour ago. */
  issue(subject: Subject, options?: { readonly expired?: boolean }): Promise<IssuedCertificate>;
}

/** A certificate authority for stations, with all keys made on the spot. */
export async function createStationAuthority(): Promise<StationAuthority> {
  const now = Date.now();
  const validity = { notBefore: new Date(now - 3 * hourMs), notAfter: new Date(now + 24 * hourMs) };
  const caKeys = await newKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: "CN=Stations of the test",
    keys: caKeys,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  return {
    ca: ca.toString("pem"),
    async issue(subject, { expired = false } = {}) {
      const keys = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        ...validity,
        ...(expired && { notAfter: new Date(now - hourMs) }),
        subject: new Name(subject.map(asTexts)),
        issuer: ca.subject,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])],
      });
      const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
      return { cert: certificate.toString("pem"), key };
    },
  };
}
