import { describe, expect, it } from "vitest";
import { type Aws, deployedTarget, WrongTarget } from "../../../local/verify/deployed.ts";

const outputs = {
  RemoteApiUrl: "https://api.example.com/",
  StationUrl: "wss://d1.cloudfront.net/ocpp",
  TokenUrl: "https://login.example.com/oauth2/token",
};
const variables = {
  SCHEDULE_GROUP: "ocpp-relay-dev-attempts",
  SCHEDULE_ROLE: "arn:aws:iam::123456789012:role/x",
  EXPIRY_FUNCTION_ARN: "arn:aws:lambda:eu-central-1:123456789012:function:ocpp-relay-dev-attempt-expiry",
};

/** Answers as the AWS CLI does, and records what it is asked. */
function cli(of: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const aws: Aws = async (args) => {
    asked.push(args.join(" "));
    return JSON.stringify(
      args[0] === "cloudformation"
        ? Object.entries(of).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }))
        : variables,
    );
  };
  return { aws, asked };
}
const options = { stage: "dev", client: "operator", token: "token", isLong: false };

describe("a deployed stack as a target", () => {
  it("comes from its outputs and from the variables of a function that sets timers", async () => {
    const { aws, asked } = cli(outputs);

    const target = await deployedTarget({ ...options, aws });

    expect(target).toMatchObject({
      name: "ocpp-relay-dev in eu-central-1",
      apiUrl: "https://api.example.com",
      stationUrl: "wss://d1.cloudfront.net/ocpp",
      token: "token",
    });
    expect(asked).toEqual([
      "cloudformation describe-stacks --query Stacks[0].Outputs --stack-name ocpp-relay-dev --output json",
      "lambda get-function-configuration --query Environment.Variables --function-name ocpp-relay-dev-api-asynchronous --output json",
    ]);
  });

  it("waits for minutes only where it is asked to", async () => {
    const { aws } = cli(outputs);
    const waitsOf = async (isLong: boolean) => (await deployedTarget({ ...options, isLong, aws })).waits;

    expect(await waitsOf(false)).not.toHaveProperty("frozen");
    expect(await waitsOf(true)).toMatchObject({ frozen: 7 * 60_000, pings: { total: 11 * 60_000 } });
  });

  it("names the output that a stack lacks", async () => {
    const { aws } = cli({ StationUrl: outputs.StationUrl });

    await expect(deployedTarget({ ...options, aws })).rejects.toThrow(
      new WrongTarget("ocpp-relay-dev has no output RemoteApiUrl"),
    );
  });

  it("has a certificate endpoint only where the stack has one", async () => {
    const certificate = { cert: "cert", key: "key" };
    const url = "wss://ocpp3.example.com/ocpp";
    const { aws } = cli(outputs);
    const { aws: withEndpoint } = cli({ ...outputs, CertificateStationUrl: url });

    await expect(deployedTarget({ ...options, certificate, aws })).rejects.toThrow("trustStore");
    expect((await deployedTarget({ ...options, certificate, aws: withEndpoint })).certificate).toEqual({
      ...certificate,
      url,
    });
  });
});
