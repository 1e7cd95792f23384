/** A deployed stack as a target: its outputs, a token, and its schedules, all by the AWS CLI's credentials. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { schedulesOf, type TimerVariables } from "./schedules.ts";
import { type CertificateAccess, type Target, waitsOnAws } from "./target.ts";

const run = promisify(execFile);

/** Runs the AWS CLI. @returns what it prints */
export type Aws = (args: readonly string[]) => Promise<string>;

/** What the user has to change, in one line. */
export class WrongTarget extends Error {}

export interface DeployedOptions {
  readonly stage: string;
  /** The API client of the stack's user pool. */
  readonly client: string;
  /** A token of another issuer. @default one of Cognito, for `client` */
  readonly token?: string;
  readonly isLong: boolean;
  readonly certificate?: Omit<CertificateAccess, "url">;
  readonly aws?: Aws;
}

interface Output {
  readonly OutputKey: string;
  readonly OutputValue: string;
}

const awsCli: Aws = async (args) => {
  try {
    return (await run("aws", [...args])).stdout;
  } catch (error) {
    const { code, stderr = "", message } = error as { code?: unknown; stderr?: string; message: string };
    if (code === "ENOENT") throw new WrongTarget("verify --stage needs the AWS CLI (docs/deploy.md)");
    throw new WrongTarget(stderr.trim() || message);
  }
};

/** @throws WrongTarget where the stack is not there, or lacks what a trial needs */
export async function deployedTarget(options: DeployedOptions): Promise<Target> {
  const { stage, client, token, isLong, certificate, aws = awsCli } = options;
  const stack = `ocpp-relay-${stage}`;
  const json = async (args: readonly string[]) => JSON.parse(await aws([...args, "--output", "json"]));
  const described: Output[] = await json([
    ..."cloudformation describe-stacks --query Stacks[0].Outputs --stack-name".split(" "),
    stack,
  ]);
  const outputs = new Map(described.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const output = (key: string) => {
    const value = outputs.get(key);
    if (value === undefined) throw new WrongTarget(`${stack} has no output ${key}`);
    return value;
  };
  const variables: TimerVariables = await json([
    ..."lambda get-function-configuration --query Environment.Variables --function-name".split(" "),
    `${stack}-api-asynchronous`,
  ]);
  const region = /^arn:aws[\w-]*:lambda:([\w-]+):/.exec(variables.EXPIRY_FUNCTION_ARN)?.[1] ?? "";
  const { SchedulerClient } = await import("@aws-sdk/client-scheduler");
  const certificateUrl = outputs.get("CertificateStationUrl");
  if (certificate && certificateUrl === undefined) {
    throw new WrongTarget(
      `${stack} has no certificate endpoint: deploy with -c trustStore= (docs/deploy.md)`,
    );
  }
  return {
    name: `${stack} in ${region}`,
    apiUrl: output("RemoteApiUrl").replace(/\/$/, ""),
    stationUrl: output("StationUrl"),
    token: token ?? (await tokenOf(aws, output, client)),
    schedules: schedulesOf(new SchedulerClient({ region }), variables),
    waits: waitsOnAws(isLong),
    ...(certificate && certificateUrl && { certificate: { ...certificate, url: certificateUrl } }),
  };
}

async function tokenOf(aws: Aws, output: (key: string) => string, client: string): Promise<string> {
  const clientId = output(`ClientId${client.replaceAll("-", "")}`);
  const secret = await aws([
    ..."cognito-idp describe-user-pool-client --output text --query UserPoolClient.ClientSecret".split(" "),
    "--user-pool-id",
    output("UserPoolId"),
    "--client-id",
    clientId,
  ]);
  const response = await fetch(output("TokenUrl"), {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${secret.trim()}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  if (!response.ok) throw new WrongTarget(`no token for ${client}: ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
