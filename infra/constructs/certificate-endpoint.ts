import { Stack } from "aws-cdk-lib";
import {
  type CfnDistribution,
  CfnTrustStore,
  type Distribution,
  HttpVersion,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
} from "aws-cdk-lib/aws-cloudfront";
import { Construct } from "constructs";
import { certificateHeaders } from "../../shared/handshake/origin-secret.ts";
import type { EndpointDomain, TrustStoreSource } from "../endpoint-settings.ts";
import { endpointDistribution, type StationEndpointProps } from "./station-endpoint.ts";

export interface CertificateEndpointProps extends Omit<StationEndpointProps, "plainWs"> {
  readonly domain: EndpointDomain;
  readonly trustStore: TrustStoreSource;
}

/**
 * The endpoint of security profile 3, `wss://<host name>/ocpp/{identity}`: CloudFront asks for a client certificate,
 * refuses stations without a certificate of a CA in the trust store, and passes its subject to the authorizer.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/mtls-authentication.html
 *
 * A distribution of its own: the certificate's headers need a custom origin request policy, and such a policy
 * cannot name Authorization, which the basic endpoint needs.
 */
export class CertificateEndpoint extends Construct {
  readonly distribution: Distribution;
  /** `wss://<host name>/ocpp` */
  readonly url: string;
  /** The endpoint's secrets, as the authorizer takes them. */
  readonly acceptedSecrets: string;

  constructor(scope: Construct, id: string, props: CertificateEndpointProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { bucket, key, region, versionId } = props.trustStore;
    const trustStore = new CfnTrustStore(this, "TrustStore", {
      // With the region: CloudFront has one list of names for all of an account's stacks.
      name: `${stack.stackName}-stations-${stack.region}`,
      caCertificatesBundleSource: {
        caCertificatesBundleS3Location: {
          bucket,
          key,
          region: region ?? stack.region,
          ...(versionId && { version: versionId }),
        },
      },
    });
    const { distribution, secrets } = endpointDistribution(this, {
      ...props,
      endpoint: "certificate",
      // Viewer mTLS is to be had with HTTP/2 and not with HTTP/3. Stations go on speaking HTTP/1.1, which is in it.
      httpVersion: HttpVersion.HTTP2,
      originRequestPolicy: new OriginRequestPolicy(this, "OriginRequest", {
        originRequestPolicyName: `${stack.stackName}-certificate-door-${stack.region}`,
        comment: "A WebSocket handshake and the viewer's certificate",
        // At most ten. Host must stay behind, so "all viewer headers" is not to be had. Extensions stay behind,
        // too: the WebSocket API has none.
        headerBehavior: OriginRequestHeaderBehavior.allowList(
          "Sec-WebSocket-Key",
          "Sec-WebSocket-Version",
          "Sec-WebSocket-Protocol",
          ...Object.values(certificateHeaders),
        ),
        queryStringBehavior: OriginRequestQueryStringBehavior.all(),
      }),
    });
    const config = "DistributionConfig.ViewerMtlsConfig";
    const resource = distribution.node.defaultChild as CfnDistribution;
    resource.addPropertyOverride(`${config}.Mode`, "required");
    resource.addPropertyOverride(`${config}.TrustStoreConfig`, {
      TrustStoreId: trustStore.attrId,
      IgnoreCertificateExpiry: false,
    });
    this.distribution = distribution;
    this.acceptedSecrets = secrets.accepted;
    this.url = `wss://${props.domain.name}/ocpp`;
  }
}
