import { WrongContext } from "./wrong-context.ts";

/** A host name of one's own, and the ARN of its ACM certificate, which CloudFront takes from us-east-1 only. */
export interface EndpointDomain {
  readonly name: string;
  readonly certificateArn: string;
}

/** A PEM bundle of CA certificates in S3. */
export interface TrustStoreSource {
  readonly bucket: string;
  readonly key: string;
  /** @default the stack's */
  readonly region?: string;
  /** Of the S3 object: another one is what makes CloudFormation read a changed bundle. @default the newest */
  readonly versionId?: string;
}

/** What a deployment may choose about the endpoints that stations come through. */
export interface EndpointSettings {
  /** `stationDomain`, `stationCertificate`: the basic endpoint's. @default its *.cloudfront.net name */
  readonly stationDomain?: EndpointDomain;
  /** `plainWs=allowed`: ws:// without TLS on the basic endpoint, security profile 1. @default false */
  readonly plainWs: boolean;
  /** `trustStore`, `certificateDomain`, `certificateDomainCertificate`: the endpoint of profile 3. @default none */
  readonly certificateEndpoint?: { readonly trustStore: TrustStoreSource; readonly domain: EndpointDomain };
  /** `originSecrets`: names; CloudFront sends the first, the authorizer takes all. @default ["1"] */
  readonly originSecrets: readonly [string, ...string[]];
}

/** @throws WrongContext naming the context key that makes no sense */
export function readEndpointSettings(text: (key: string) => string | undefined): EndpointSettings {
  const stationDomain = domainOf(text, "stationDomain", "stationCertificate");
  const certificateDomain = domainOf(text, "certificateDomain", "certificateDomainCertificate");
  const trustStore = trustStoreOf(text("trustStore"));
  if ((certificateDomain === undefined) !== (trustStore === undefined)) {
    throw new WrongContext("trustStore and certificateDomain: neither or both");
  }
  const plainWs = text("plainWs") ?? "refused";
  if (plainWs !== "refused" && plainWs !== "allowed") {
    throw new WrongContext(`plainWs=${plainWs}: refused or allowed`);
  }
  return {
    ...(stationDomain && { stationDomain }),
    plainWs: plainWs === "allowed",
    ...(certificateDomain &&
      trustStore && { certificateEndpoint: { trustStore, domain: certificateDomain } }),
    originSecrets: namesOf(text("originSecrets") ?? "1"),
  };
}

/** Lower case only, as CloudFront wants aliases; one label may be `*`. */
export const HOST_NAME = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;
export const CERTIFICATE_ARN = /^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate\/[\w-]+$/;

export function domainOf(
  text: (key: string) => string | undefined,
  nameKey: string,
  certificateKey: string,
): EndpointDomain | undefined {
  const [name, certificateArn] = [text(nameKey), text(certificateKey)];
  if (name === undefined && certificateArn === undefined) return undefined;
  if (name === undefined || certificateArn === undefined) {
    throw new WrongContext(`${nameKey} and ${certificateKey}: neither or both`);
  }
  if (!HOST_NAME.test(name)) throw new WrongContext(`${nameKey}=${name}: a host name`);
  if (CERTIFICATE_ARN.exec(certificateArn)?.[1] !== "us-east-1") {
    throw new WrongContext(`${certificateKey}=${certificateArn}: the ARN of an ACM certificate in us-east-1`);
  }
  return { name, certificateArn };
}

/** `s3://bucket/key`, and behind a question mark `region=…` and `versionId=…`. */
function trustStoreOf(text: string | undefined): TrustStoreSource | undefined {
  if (text === undefined) return undefined;
  const wrong = new WrongContext(
    `trustStore=${text}: s3://bucket/key?region=…&versionId=…, the last two optional`,
  );
  // Its escapes are UTF-8, or there is no such key.
  if (!URL.canParse(text) || !isEscaped(text)) throw wrong;
  const { protocol, hostname: bucket, pathname, searchParams } = new URL(text);
  const key = decodeURIComponent(pathname.slice(1));
  if (protocol !== "s3:" || bucket === "" || key === "") throw wrong;
  if ([...searchParams.keys()].some((name) => name !== "region" && name !== "versionId")) throw wrong;
  const [region, versionId] = [searchParams.get("region"), searchParams.get("versionId")];
  return { bucket, key, ...(region && { region }), ...(versionId && { versionId }) };
}

function isEscaped(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function namesOf(text: string): readonly [string, ...string[]] {
  const [first, ...rest] = text.split(",").map((name) => name.trim());
  const names: readonly [string, ...string[]] = [first ?? "", ...rest];
  if (!names.every((name) => /^[A-Za-z0-9]{1,20}$/.test(name)) || new Set(names).size < names.length) {
    throw new WrongContext(`originSecrets=${text}: names of letters and digits, by commas, none twice`);
  }
  return names;
}
