import { Stack } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  FunctionEventType,
  HttpVersion,
  type IOriginRequestPolicy,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { Construct } from "constructs";
import { type EndpointName, ORIGIN_SECRET_HEADER } from "../../shared/handshake/origin-secret.ts";
import type { EndpointDomain } from "../endpoint-settings.ts";
import { acknowledge } from "./acknowledge.ts";
import { OriginSecrets } from "./origin-secrets.ts";
import { StationPath } from "./station-path.ts";

export interface StationEndpointProps {
  /** The WebSocket API's execute-api domain. */
  readonly origin: string;
  /** Its stage. */
  readonly stageName: string;
  /** Names of the endpoint's own secrets; the first is sent. */
  readonly originSecrets: readonly [string, ...string[]];
  /** @default the distribution's own name */
  readonly domain?: EndpointDomain;
  /** Whether ws:// is let in, too. @default false */
  readonly plainWs?: boolean;
  /** The ARN of a web ACL of scope CLOUDFRONT. @default none */
  readonly webAclId?: string;
}

interface EndpointProps extends StationEndpointProps {
  readonly endpoint: EndpointName;
  readonly httpVersion: HttpVersion;
  readonly originRequestPolicy: IOriginRequestPolicy;
}

/**
 * What stations connect to: `wss://<host name>/ocpp/{identity}`. A WebSocket API has no path behind its stage and
 * stations must have one (OCPP-J §3.1.1), so CloudFront stands in front and moves it into the query.
 */
export class StationEndpoint extends Construct {
  readonly distribution: Distribution;
  /** `wss://<host name>/ocpp` */
  readonly url: string;
  /** The endpoint's secrets, as the authorizer takes them. */
  readonly acceptedSecrets: string;

  constructor(scope: Construct, id: string, props: StationEndpointProps) {
    super(scope, id);
    const { distribution, secrets } = endpointDistribution(this, {
      ...props,
      endpoint: "basic",
      // A WebSocket handshake is an HTTP/1.1 upgrade.
      httpVersion: HttpVersion.HTTP1_1,
      // Only this managed policy passes Authorization on while nothing is cached. Host must stay behind:
      // execute-api answers 403 to a host name that is not its own.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    });
    this.distribution = distribution;
    this.acceptedSecrets = secrets.accepted;
    this.url = `wss://${props.domain?.name ?? distribution.distributionDomainName}/ocpp`;
    if (!props.domain) {
      acknowledge(distribution, {
        "AwsSolutions-CFR4":
          "The distribution's own *.cloudfront.net certificate allows no other security policy: stationDomain does.",
      });
    }
  }
}

/** What the endpoints have in common: one origin, one behaviour, nothing cached, a secret, the path function. */
export function endpointDistribution(
  scope: Construct,
  props: EndpointProps,
): { distribution: Distribution; secrets: OriginSecrets } {
  const { endpoint, stageName, domain } = props;
  const secrets = new OriginSecrets(scope, "OriginSecrets", { names: props.originSecrets });
  const path = new StationPath(scope, "Path", { stageName, endpoint });
  const distribution = new Distribution(scope, "Distribution", {
    comment: `${Stack.of(scope).stackName} stations, ${endpoint} endpoint`,
    httpVersion: props.httpVersion,
    ...(props.webAclId && { webAclId: props.webAclId }),
    ...(domain && {
      domainNames: [domain.name],
      certificate: Certificate.fromCertificateArn(scope, "Certificate", domain.certificateArn),
      // TLS 1.2 or newer with forward secrecy, as OCPP's security profiles ask for.
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    }),
    defaultBehavior: {
      origin: new HttpOrigin(props.origin, {
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [OriginSslPolicy.TLS_V1_2],
        // Replaces what a viewer sends under this name.
        customHeaders: { [ORIGIN_SECRET_HEADER]: secrets.sent },
      }),
      viewerProtocolPolicy: props.plainWs ? ViewerProtocolPolicy.ALLOW_ALL : ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      originRequestPolicy: props.originRequestPolicy,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      compress: false,
      functionAssociations: [{ function: path.function, eventType: FunctionEventType.VIEWER_REQUEST }],
    },
  });
  acknowledge(distribution, {
    "AwsSolutions-CFR1": "Stations may be anywhere; where a deployment's are is not known here.",
    ...(props.webAclId === undefined && {
      "AwsSolutions-CFR2":
        "Deployed with `webAcl=none`: the path function, the authorizer and the stage's throttle remain.",
    }),
    "AwsSolutions-CFR3":
      "Every handshake that passes the path function is a line in the WebSocket API's access log, with its outcome.",
  });
  return { distribution, secrets };
}
