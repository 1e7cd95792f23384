/**
 * The context that adds a certificate endpoint to the template, for a synthesis that is served here and never
 * deployed: host name, certificate and bundle are placeholders.
 */
export const certificateContext = {
  certificateDomain: "certificate-door.localhost",
  certificateDomainCertificate: "arn:aws:acm:us-east-1:000000000000:certificate/local",
  trustStore: "s3://local/stations.pem",
};
