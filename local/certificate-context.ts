/**
 * The context under which the template has a certificate endpoint, for a synthesis that is served here and deployed
 * nowhere: which host name, certificate and bundle it says is all one.
 */
export const certificateContext = {
  certificateDomain: "certificate-door.localhost",
  certificateDomainCertificate: "arn:aws:acm:us-east-1:000000000000:certificate/local",
  trustStore: "s3://local/stations.pem",
};
