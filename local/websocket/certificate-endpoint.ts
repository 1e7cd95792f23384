/**
 * TLS with client certificates, like the viewer mTLS of CloudFront in its mode "required": the TLS handshake needs a
 * valid certificate of a trusted CA, and the request carries the content of the certificate.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/viewer-mtls-headers.html
 */
import "reflect-metadata"; // @peculiar/x509 asks for it
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { X509Certificate } from "@peculiar/x509";
import { rfc2253 } from "./distinguished-name.ts";
import type { HeaderList } from "./handshake.ts";
import { makeServerCertificate } from "./server-certificate.ts";

export interface CertificateEndpoint {
  /** The CA of the server's own certificate, PEM: what stations must trust. */
  readonly serverCa: string;
  createServer(listener: RequestListener): Server;
  /** The headers in which CloudFront describes the certificate of the request's connection. */
  headersOf(request: IncomingMessage): HeaderList;
}

/** @param stationCas the CA certificates that stations' certificates come from, PEM */
export async function createCertificateEndpoint(stationCas: string): Promise<CertificateEndpoint> {
  const { ca, certificate, key } = await makeServerCertificate();
  return {
    serverCa: ca,
    createServer: (listener) =>
      createServer(
        {
          cert: certificate,
          key,
          ca: stationCas,
          requestCert: true,
          rejectUnauthorized: true,
          minVersion: "TLSv1.2",
        },
        listener,
      ),
    headersOf({ socket }) {
      const shown = (socket as TLSSocket).getPeerX509Certificate();
      // cannot happen: the TLS handshake would have failed; the header of CloudFront in its other modes
      if (shown === undefined) return [["CloudFront-Viewer-Cert-Present", "0"]];
      const { subjectName, issuerName } = new X509Certificate(shown.raw);
      return [
        ["CloudFront-Viewer-Cert-Present", "1"],
        ["CloudFront-Viewer-Cert-Subject", rfc2253(subjectName.toJSON())],
        ["CloudFront-Viewer-Cert-Issuer", rfc2253(issuerName.toJSON())],
        ["CloudFront-Viewer-Cert-Serial-Number", inPairs(shown.serialNumber)],
        ["CloudFront-Viewer-Cert-Sha256", shown.fingerprint256.replaceAll(":", "").toLowerCase()],
        [
          "CloudFront-Viewer-Cert-Validity",
          `NotBefore=${seconds(shown.validFromDate)};NotAfter=${seconds(shown.validToDate)}`,
        ],
      ];
    },
  };
}

/** `4a:3f:5c` */
const inPairs = (hex: string): string => hex.toLowerCase().match(/../g)?.join(":") ?? "";

/** `2026-09-21T01:50:17Z` */
const seconds = (date: Date): string => date.toISOString().replace(/\.\d+/, "");
