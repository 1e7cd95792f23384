import type { Node } from "constructs";
import { type DoorSettings, readDoorSettings } from "./door-settings.ts";

/** What a deployment may choose, by `-c key=value` or cdk.json's context. */
export interface Settings {
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
  /** The doors that stations come through. */
  readonly doors: DoorSettings;
}

/** @throws Error naming the context key that makes no sense */
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
    throw new Error(`context stage=${stage}: up to 20 lower case letters, digits and dashes`);
  }
  const issuer = text("issuer");
  const audience = list("audience");
  if (issuer !== undefined && audience.length === 0) {
    throw new Error("context issuer needs audience: what the issuer's tokens carry as aud or client_id");
  }
  const clients = list("clients");
  const unnameable = clients.find((name) => !/^[A-Za-z][A-Za-z0-9-]*$/.test(name));
  if (unnameable !== undefined) throw new Error(`context clients: ${unnameable}: letters, digits and dashes`);
  const logDays = Number(text("logDays") ?? 30);
  if (!Number.isInteger(logDays) || logDays < 1) throw new Error("context logDays: a whole number of days");
  const logLevel = text("logLevel") ?? "INFO";
  if (!["DEBUG", "INFO", "WARN", "ERROR"].includes(logLevel)) {
    throw new Error(`context logLevel=${logLevel}: DEBUG, INFO, WARN or ERROR`);
  }
  const tokenUrl = text("tokenUrl");
  const cognitoDomain = text("cognitoDomain");
  return {
    stage,
    ...(issuer && { issuer }),
    audience,
    scopePrefix: text("scopePrefix") ?? "",
    ...(tokenUrl && { tokenUrl }),
    clients: clients.length > 0 ? clients : ["operator"],
    ...(cognitoDomain && { cognitoDomain }),
    logDays,
    logLevel,
    apiGatewayLogRole: text("apiGatewayLogRole") !== "false",
    doors: readDoorSettings(text),
  };
}
