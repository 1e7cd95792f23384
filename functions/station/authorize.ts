import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { systemClock } from "../../shared/clock.ts";
import { authenticate, type SpeakerContext } from "../../shared/handshake/authenticate.ts";
import {
  certificateHeaders,
  type EndpointSecrets,
  endpointOf,
  ORIGIN_SECRET_HEADER,
} from "../../shared/handshake/origin-secret.ts";
import { logger } from "../../shared/logger.ts";
import { count } from "../../shared/metrics.ts";
import { observed } from "../../shared/observed.ts";
import { openTable } from "../../shared/store/table.ts";
import { environment } from "../environment.ts";
import { headersOf } from "./event.ts";

const deps = {
  table: openTable(environment("TABLE_NAME")),
  passwords: openTable(environment("PASSWORD_TABLE_NAME")),
  clock: systemClock,
};
const secrets: EndpointSecrets = {
  basic: environment("BASIC_ORIGIN_SECRETS").split(","),
  // The certificate endpoint is built where there is a trust store.
  certificate: (process.env.CERTIFICATE_ORIGIN_SECRETS ?? "").split(","),
};

/**
 * The $connect authorizer: who the station is and which version its connection will speak. API Gateway
 * repeats the context on every event of the connection, so no function looks the station up again.
 *
 * @throws Error `Unauthorized`, which API Gateway turns into 401
 */
export const handler = observed(
  ({ requestContext }: APIGatewayRequestAuthorizerEvent) => ({ connectionId: requestContext.connectionId }),
  authorize,
);

async function authorize(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  // A duplicated header counts as missing: a client must not choose which of the two values is used.
  const header = (name: string) => {
    const [value, ...more] = headersOf(event.multiValueHeaders, name);
    return more.length === 0 ? value : undefined;
  };
  const { identity, networkId, source } = event.queryStringParameters ?? {};
  const endpoint = endpointOf(header(ORIGIN_SECRET_HEADER), secrets);
  if (!endpoint || !identity || !networkId || !source) {
    // The request bypassed CloudFront and used the API's own address: its parameters are not evaluated.
    logger.warn("refused: no origin secret", { address: event.requestContext.identity.sourceIp });
    count("handshakeFailed", { reason: "noOriginSecret" });
    throw new Error("Unauthorized");
  }
  const about = {
    endpoint,
    networkId,
    identity,
    source,
    ...(endpoint === "certificate" && certificateOf(header)),
  };
  const outcome = await authenticate(deps, {
    networkId,
    identity,
    source,
    authorization: header("Authorization"),
    // A list, which may come in several headers (RFC 6455 §11.3.4).
    subprotocols: headersOf(event.multiValueHeaders, "Sec-WebSocket-Protocol").join(","),
    ...(endpoint === "certificate" && { certificateSubject: subjectOf(header) }),
  });
  if (!outcome.context) {
    logger.warn("refused", { ...about, ...outcome });
    count("handshakeFailed", { reason: outcome.refusal });
    throw new Error("Unauthorized");
  }
  logger.info("station proven", { ...about, cpId: outcome.context.cpId });
  return allow(event.methodArn, outcome.context);
}

type Header = (name: string) => string | undefined;

/** Returns "" without a verified certificate: no station has this subject, so the certificate endpoint refuses. */
function subjectOf(header: Header): string {
  return header(certificateHeaders.present) === "1" ? (header(certificateHeaders.subject) ?? "") : "";
}

/** Which certificate it was, for who has to find it in a list of issued ones; nothing in it is secret. */
const certificateOf = (header: Header) => ({
  certificate: {
    subject: header(certificateHeaders.subject),
    serialNumber: header(certificateHeaders.serialNumber),
    sha256: header(certificateHeaders.sha256),
  },
});

const allow = (methodArn: string, context: SpeakerContext): APIGatewayAuthorizerResult => ({
  principalId: context.cpId,
  policyDocument: {
    Version: "2012-10-17",
    Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: methodArn }],
  },
  context: { ...context },
});
