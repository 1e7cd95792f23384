import type { Node } from "constructs";
import { maxKeptWarm } from "./concurrency.ts";
import { type ConsoleSettings, readConsoleSettings } from "./console-settings.ts";
import { HANDSHAKES_PER_ADDRESS } from "./constructs/web-acl.ts";
import { readChoice, readSwitch } from "./context-values.ts";
import {
  CERTIFICATE_ARN,
  type EndpointSettings,
  HOST_NAME,
  readEndpointSettings,
} from "./endpoint-settings.ts";
import { API_THROTTLE, LAMBDA_CONCURRENCY, MAX_AUDIENCES } from "./limits.ts";
import { type RunningSettings, readRunningSettings } from "./running-settings.ts";
import { WrongContext } from "./wrong-context.ts";

/** What a stage lets through: as many in a second, and as many at once. */
export interface Throttle {
  readonly rateLimit: number;
  readonly burstLimit: number;
}

export type StationAnswers = "post" | "route";

/** What a deployment may choose, by `-c key=value` or cdk.json's context. */
export interface Settings extends RunningSettings {
  /** Part of the stack's name. `dev` also deletes its data with the stack. @default "prod" */
  readonly stage: string;
  /** An OIDC issuer's URL; without one the stack makes a Cognito user pool. */
  readonly issuer?: string;
  /** With `issuer`: what its tokens carry as `aud`, or else as `client_id`; several by commas. */
  readonly audience: readonly string[];
  /** With `issuer`: what stands before each scope in its tokens. @default "" */
  readonly scopePrefix: string;
  /** With `issuer`: its token endpoint, for the OpenAPI document and the stack's outputs. @default none */
  readonly tokenUrl?: string;
  /** Cognito app clients to make, by commas. Only `operator` gets the networks' scopes. @default "operator" */
  readonly clients: readonly string[];
  /** The first label of Cognito's token URL, unique in its region. @default stack name and account id */
  readonly cognitoDomain?: string;
  /** Days that the communication log and transient records are kept. @default 30 */
  readonly logDays: number;
  /** Of the functions' own logs: DEBUG, INFO, WARN or ERROR. @default "INFO" */
  readonly logLevel: string;
  /** `false` where the account already has a role for API Gateway's logs, which this one would replace. @default true */
  readonly apiGatewayLogRole: boolean;
  /** The endpoints that stations come through. */
  readonly endpoints: EndpointSettings;
  /** @default with `issuer` none, else the console of the stack's user pool */
  readonly console?: ConsoleSettings;
  /** A host name of one's own for the remote API. @default API Gateway's */
  readonly apiDomain?: string;
  /** With `apiDomain`: the ARN of its ACM certificate, in the stack's region. */
  readonly apiCertificate?: string;
  /**
   * The ARN of a CLOUDFRONT-scope web ACL for the station endpoint, or `none` for no web ACL at all, the token
   * endpoint's included. @default made with the stack where that is in us-east-1, else none for the station endpoint
   */
  readonly webAcl?: string;
  /** Handshakes that one address may send within five minutes, where the stack makes the web ACL. @default 2000 */
  readonly webAclRate: number;
  /** Mail address for alarms; AWS asks it for confirmation first. @default no subscription, the topic exists */
  readonly alarmEmail?: string;
  /**
   * The account's concurrent Lambda executions in the region, of which shares are reserved; `none` (or 0) for no
   * reservations. @default 1000; new accounts may have 10
   */
  readonly lambdaConcurrency?: number;
  /** Origins whose pages may call the remote API from a browser, by commas. @default none */
  readonly corsOrigins: readonly string[];
  /** Requests to the remote API, `apiThrottle=rate/burst`. @default 1000/500 */
  readonly apiThrottle: Throttle;
  /** Handshakes and frames of stations, `stationThrottle=rate/burst`. @default 5000/2500, less where accounts have less */
  readonly stationThrottle?: Throttle;
  /**
   * How the answer to a station's CALL gets to it: `post` by the management API, `route` as a route response, for
   * which API Gateway may send an empty frame after every other message (docs/empty-frames.md). @default "post"
   */
  readonly stationAnswers: StationAnswers;
  /**
   * The stream's ARN of a table that was restored from a backup: the stack uses that table and makes none
   * (docs/runbook.md). @default the stack's own table
   */
  readonly restoredTable?: string;
  /** The ARN of a restored table of password hashes, as `restoredTable`. @default the stack's own table */
  readonly restoredPasswordTable?: string;
  /** The ARN of a restored table of webhook secrets, as `restoredTable`. @default the stack's own table */
  readonly restoredWebhookSecretTable?: string;
  /** On everything, beside `project` and `stage`: `-c tags=key=value,key=value`. @default none */
  readonly tags: Readonly<Record<string, string>>;
}

/** @throws WrongContext naming the context key that makes no sense */
export function readSettings(node: Node): Settings {
  const text = (key: string): string | undefined => {
    const value: unknown = node.tryGetContext(key);
    return value === undefined || value === "" ? undefined : String(value);
  };
  const list = (key: string): string[] =>
    (text(key) ?? "")
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== "");

  const stage = text("stage") ?? "prod";
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage)) {
    throw new WrongContext(`stage=${stage}: up to 20 lower case letters, digits and dashes`);
  }
  // infra/account has stacks of these names, which a stage would be deployed over.
  if (stage === "github" || stage === "station-acl") throw new WrongContext(`stage=${stage}: taken`);
  const issuer = text("issuer");
  const audience = list("audience");
  const ofIssuer = ["audience", "scopePrefix", "tokenUrl"].find((key) => text(key) !== undefined);
  if (issuer === undefined && ofIssuer !== undefined) {
    throw new WrongContext(`${ofIssuer} needs issuer: without one the tokens are Cognito's`);
  }
  if (issuer !== undefined && audience.length === 0) {
    throw new WrongContext("issuer needs audience: what the issuer's tokens carry as aud or client_id");
  }
  const tokenUrl = text("tokenUrl");
  for (const [key, url] of Object.entries({ issuer, tokenUrl })) {
    if (url !== undefined && !HTTPS_URL.test(url)) throw new WrongContext(`${key}=${url}: https://…`);
  }
  const clients = list("clients");
  // Outputs of CloudFormation have no dashes in their names, and each client has one.
  const namesInOutputs = clients.map((name) => name.replaceAll("-", ""));
  if (new Set(namesInOutputs).size < clients.length)
    throw new WrongContext("clients: none twice, nor two that differ in dashes only");
  const console = readConsoleSettings(text);
  if (issuer === undefined && console) checkAudiences("clients with the console's", [...clients, "console"]);
  else if (issuer === undefined) checkAudiences("clients", clients);
  else checkAudiences("audience", audience);
  const unnameable = clients.find((name) => !/^[A-Za-z][A-Za-z0-9-]*$/.test(name));
  if (unnameable !== undefined) throw new WrongContext(`clients: ${unnameable}: letters, digits and dashes`);
  const logDays = Number(text("logDays") ?? 30);
  if (!Number.isInteger(logDays) || logDays < 1) {
    throw new WrongContext(`logDays=${text("logDays")}: a whole number of days`);
  }
  const logLevel = text("logLevel") ?? "INFO";
  if (!["DEBUG", "INFO", "WARN", "ERROR"].includes(logLevel)) {
    throw new WrongContext(`logLevel=${logLevel}: DEBUG, INFO, WARN or ERROR`);
  }
  const apiDomain = text("apiDomain");
  const apiCertificate = text("apiCertificate");
  if ((apiDomain === undefined) !== (apiCertificate === undefined)) {
    throw new WrongContext("apiDomain and apiCertificate: neither or both");
  }
  if (apiDomain !== undefined && !HOST_NAME.test(apiDomain)) {
    throw new WrongContext(`apiDomain=${apiDomain}: a host name`);
  }
  if (apiCertificate !== undefined && !CERTIFICATE_ARN.test(apiCertificate)) {
    throw new WrongContext(`apiCertificate=${apiCertificate}: the ARN of an ACM certificate`);
  }
  const webAcl = text("webAcl");
  if (webAcl !== undefined && webAcl !== "none" && !GLOBAL_WEB_ACL.test(webAcl)) {
    throw new WrongContext(`webAcl=${webAcl}: none, or the ARN of a web ACL of scope CLOUDFRONT`);
  }
  const cognitoDomain = text("cognitoDomain");
  if (cognitoDomain !== undefined && !COGNITO_DOMAIN.test(cognitoDomain)) {
    throw new WrongContext(
      `cognitoDomain=${cognitoDomain}: up to 63 lower case letters, digits and dashes, without aws, amazon, cognito`,
    );
  }
  const stationThrottle = readThrottle("stationThrottle", text("stationThrottle"));
  const restoredTable = text("restoredTable");
  if (restoredTable !== undefined && !TABLE_STREAM.test(restoredTable)) {
    throw new WrongContext(`restoredTable=${restoredTable}: the ARN of the table's stream (docs/runbook.md)`);
  }
  const restoredPasswordTable = readTable("restoredPasswordTable", text("restoredPasswordTable"));
  const restoredWebhookSecretTable = readTable(
    "restoredWebhookSecretTable",
    text("restoredWebhookSecretTable"),
  );
  const madeFor = `ocpp-relay-${stage}-`;
  if (issuer === undefined && cognitoDomain === undefined && !COGNITO_DOMAIN.test(`${madeFor}123456789012`)) {
    throw new WrongContext(
      `stage=${stage}: Cognito's token URL would begin with ${madeFor}, so it needs a cognitoDomain, without aws, amazon, cognito`,
    );
  }
  const concurrency = readConcurrency(text("lambdaConcurrency") ?? String(LAMBDA_CONCURRENCY));
  const running = readRunningSettings(text);
  const mostWarm = maxKeptWarm(concurrency.lambdaConcurrency);
  if (running.keepWarm > mostWarm) {
    throw new WrongContext(
      `keepWarm=${running.keepWarm}: ${mostWarm} at most, as many as lambdaConcurrency reserves for synchronous commands`,
    );
  }
  return {
    ...running,
    stage,
    ...(issuer && { issuer }),
    audience,
    scopePrefix: text("scopePrefix") ?? "",
    ...(tokenUrl && { tokenUrl }),
    clients: clients.length > 0 ? clients : ["operator"],
    ...(cognitoDomain && { cognitoDomain }),
    logDays,
    logLevel,
    apiGatewayLogRole: readSwitch("apiGatewayLogRole", text("apiGatewayLogRole") ?? "true"),
    endpoints: readEndpointSettings(text),
    ...(console && { console }),
    ...(apiDomain && { apiDomain }),
    ...(apiCertificate && { apiCertificate }),
    ...(webAcl && { webAcl }),
    webAclRate: readWebAclRate(text("webAclRate")),
    ...readAlarmEmail(text("alarmEmail")),
    ...concurrency,
    corsOrigins: readOrigins(list("corsOrigins")),
    apiThrottle: readThrottle("apiThrottle", text("apiThrottle")) ?? API_THROTTLE,
    ...(stationThrottle && { stationThrottle }),
    stationAnswers: readChoice("stationAnswers", text("stationAnswers") ?? "post", ["post", "route"]),
    ...(restoredTable && { restoredTable }),
    ...(restoredPasswordTable && { restoredPasswordTable }),
    ...(restoredWebhookSecretTable && { restoredWebhookSecretTable }),
    tags: readTags(list("tags")),
  };
}

/** API Gateway reports this only in the middle of a deployment, and does not raise the limit. */
function checkAudiences(key: string, { length }: readonly string[]): void {
  if (length <= MAX_AUDIENCES) return;
  throw new WrongContext(
    `${key}: ${length} of them, and API Gateway's authorizer takes ${MAX_AUDIENCES} at most (docs/deploy.md)`,
  );
}

const HTTPS_URL = /^https:\/\/[^\s/?#]+\S*$/;

/**
 * Cognito reports "Domain cannot contain reserved word" only during the deployment.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
 */
const COGNITO_DOMAIN = /^(?!.*(?:aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const TABLE = /^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+$/;
const TABLE_STREAM = /^arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+\/stream\/[\w.:-]+$/;

/** ARNs of web ACLs for CloudFront contain us-east-1 and `global`. */
const GLOBAL_WEB_ACL = /^arn:aws:wafv2:us-east-1:\d{12}:global\/webacl\/[^/]+\/[^/]+$/;

/** @throws WrongContext where WAF would not take it: https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html */
export function readWebAclRate(text: string | undefined): number {
  const rate = Number(text ?? HANDSHAKES_PER_ADDRESS);
  if (!Number.isInteger(rate) || rate < 10) throw new WrongContext(`webAclRate=${text}: a number from 10 on`);
  return rate;
}

/** Each by itself: `*` would open the API to every page that gets hold of a token. */
function readOrigins(origins: readonly string[]): readonly string[] {
  const wrong = origins.find((origin) => !ORIGIN.test(origin));
  if (wrong !== undefined)
    throw new WrongContext(
      `corsOrigins: ${wrong}: https://host, http://localhost or http://127.0.0.1, no path`,
    );
  return origins;
}

/** As browsers send it in `Origin`: lower case, no slash at the end. */
const ORIGIN = /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:\d{1,5})?$/;

function readAlarmEmail(text: string | undefined): Pick<Settings, "alarmEmail"> {
  if (text === undefined) return {};
  if (!/^[^@\s]+@[^@\s]+$/.test(text)) throw new WrongContext(`alarmEmail=${text}: an e-mail address`);
  return { alarmEmail: text };
}

function readConcurrency(text: string): Pick<Settings, "lambdaConcurrency"> {
  if (text === "none" || text === "0") return {};
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0)
    throw new WrongContext(`lambdaConcurrency=${text}: the account's concurrent executions, or none`);
  return { lambdaConcurrency: limit };
}

function readThrottle(key: string, text: string | undefined): Throttle | undefined {
  if (text === undefined) return undefined;
  const [, rateLimit, burstLimit] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text)?.map(Number) ?? [];
  if (!rateLimit || !burstLimit) throw new WrongContext(`${key}=${text}: rate/burst, such as 1000/500`);
  return { rateLimit, burstLimit };
}

/** Keys and values as every service takes them; `aws:` is AWS's own. */
function readTags(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [, key = "", value = ""] = /^([^=]*)=(.*)$/.exec(entry) ?? [];
      const isTag = /^[A-Za-z0-9 _.:/+@-]{1,128}$/.test(key) && /^[A-Za-z0-9 _.:/=+@-]{0,256}$/.test(value);
      if (!isTag || /^aws:/i.test(key)) throw new WrongContext(`tags: ${entry}: key=value,key=value`);
      return [key, value];
    }),
  );
}

function readTable(key: string, arn: string | undefined): string | undefined {
  if (arn === undefined || TABLE.test(arn)) return arn;
  throw new WrongContext(`${key}=${arn}: the ARN of the table (docs/runbook.md)`);
}
