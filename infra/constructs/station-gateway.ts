import { type RemovalPolicy, Stack } from "aws-cdk-lib";
import { type CfnApi, WebSocketApi, WebSocketStage } from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketLambdaAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { WebSocketLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { StationAnswers, Throttle } from "../settings.ts";
import { AccessLog, type ApiGatewayLogRole } from "./access-log.ts";
import { acknowledge } from "./acknowledge.ts";

/** The functions behind the station endpoint. */
export interface StationHandlers {
  readonly authorize: IFunction;
  readonly connect: IFunction;
  readonly disconnect: IFunction;
  readonly message: IFunction;
}

export interface StationGatewayProps {
  /** What the stage lets through of handshakes and frames together. */
  readonly throttle: Throttle;
  /** Of the access log. @default RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The WebSocket API that stations are connected to. Its functions come later, by `serve`, because they need
 * its callback URL.
 */
export class StationGateway extends Construct {
  readonly stage: WebSocketStage;
  readonly accessLog: ILogGroup;
  private readonly api: WebSocketApi;

  constructor(scope: Construct, id: string, props: StationGatewayProps) {
    super(scope, id);
    this.api = new WebSocketApi(this, "Api", {
      apiName: `${Stack.of(this).stackName}-station`,
      description: "OCPP-J stations",
      // OCPP frames are arrays, in which no expression finds a route key: this one is constant, the escaped
      // name of the route that takes everything.
      routeSelectionExpression: "\\$default",
    });
    const accessLog = new AccessLog(this, "AccessLog", {
      api: "station",
      // A line for each message of a station is a part of the bill: it has what queries ask for, and no more. The
      // functions' lines have the connection, too, and the authorizer's the address: here it would be CloudFront's.
      fields: {
        route: "$context.routeKey",
        connectionId: "$context.connectionId",
        cpId: "$context.authorizer.cpId",
        status: "$context.status",
        integrationStatus: "$context.integration.status",
        error: "$context.error.message",
      },
      ...(props.removalPolicy && { removalPolicy: props.removalPolicy }),
    });
    this.stage = new WebSocketStage(this, "Stage", {
      webSocketApi: this.api,
      stageName: "station",
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: accessLog.settings,
    });
    this.accessLog = accessLog.logGroup;
  }

  get apiId(): string {
    return this.api.apiId;
  }

  /** `<api id>.execute-api.<region>.amazonaws.com`, where CloudFront finds the stage. */
  get domainName(): string {
    const { region, urlSuffix } = Stack.of(this);
    return `${this.api.apiId}.execute-api.${region}.${urlSuffix}`;
  }

  serve(handlers: StationHandlers, stationAnswers: StationAnswers): void {
    this.api.addRoute("$connect", {
      integration: new WebSocketLambdaIntegration("connect", handlers.connect),
      authorizer: new WebSocketLambdaAuthorizer("authorize", handlers.authorize, {
        // What a handshake must have to reach the authorizer at all. Not the Authorization header: stations
        // with a client certificate or without authentication send none.
        identitySource: ["route.request.querystring.identity"],
      }),
    });
    const disconnect = this.api.addRoute("$disconnect", {
      integration: new WebSocketLambdaIntegration("disconnect", handlers.disconnect),
    });
    const message = this.api.addRoute("$default", {
      integration: new WebSocketLambdaIntegration("message", handlers.message),
      // With a route response, API Gateway may send an empty frame for each invocation without a body.
      returnResponse: stationAnswers === "route",
    });
    for (const route of [disconnect, message]) {
      acknowledge(route, {
        "AwsSolutions-APIG4":
          "A WebSocket API authorizes $connect only; what comes over the connection is then that station's.",
      });
    }
  }

  /** Lets a function send to connections (POST), look at them (GET) or close them (DELETE). */
  grantConnections(grantee: IRole, methods: readonly string[]): void {
    const stack = Stack.of(this);
    const api = stack.getLogicalId(this.api.node.defaultChild as CfnApi);
    for (const method of methods) {
      const connections = `${this.stage.stageName}/${method}/@connections/*`;
      grantee.addToPrincipalPolicy(
        new PolicyStatement({
          actions: ["execute-api:ManageConnections"],
          resources: [
            stack.formatArn({ service: "execute-api", resource: this.api.apiId, resourceName: connections }),
          ],
        }),
      );
      const arn = "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>";
      acknowledge(grantee, {
        [`AwsSolutions-IAM5[Resource::${arn}:<${api}>/${connections}]`]:
          "API Gateway makes the connections' ids while it runs; API, stage and method are named.",
      });
    }
  }

  /**
   * Deploys the account's log role between the API and its stage. API Gateway refuses the role in an account that
   * never had an API (https://github.com/aws-cloudformation/rain/issues/163), and a stage with an access log
   * without the role.
   */
  deployWith({ account, role }: ApiGatewayLogRole): void {
    account.node.addDependency(role, this.api.node.defaultChild as CfnApi);
    this.stage.node.addDependency(account);
  }
}
