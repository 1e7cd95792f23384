import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Aws, DefaultStackSynthesizer, Duration, RemovalPolicy, Size, Stack } from "aws-cdk-lib";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Construct } from "constructs";
import type { EndpointDomain } from "../endpoint-settings.ts";
import { acknowledge } from "./acknowledge.ts";

/** `config.json`: what differs from deployment to deployment, so that one build serves all. */
export interface ConsoleConfig {
  readonly apiUrl: string;
  /** The issuer of the tokens. */
  readonly authority: string;
  readonly clientId: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly logoutUrl?: string;
  readonly scopePrefix: string;
  readonly scopes: readonly string[];
  readonly stationUrl: string;
}

export interface ConsoleProps {
  /** The folder of the build: `index.html`, and `assets/` with the hash of each content in its name. */
  readonly files: string;
  /** What the page may send requests to, besides its own host: sources of a content security policy. */
  readonly connect: readonly string[];
  /** @default the distribution's own name */
  readonly domain?: EndpointDomain;
  /** Of the log of the function that copies the files. @default RETAIN_ON_UPDATE_OR_DELETE */
  readonly removalPolicy?: RemovalPolicy;
}

const pathFunction = new URL("../../functions/edge/console-path.js", import.meta.url);

/**
 * The console: static files in a bucket that CloudFront alone can read.
 *
 * The distribution is its own, not a behaviour of the station endpoint's: that one speaks HTTP/1.1 only, may let
 * plain ws:// in, counts handshakes by address in its web ACL, and its host name is in the configuration of every
 * station, so that it cannot be changed for the console.
 */
export class Console extends Construct {
  readonly distribution: Distribution;
  /** `https://<host name>/` */
  readonly url: string;
  /** As browsers send it in `Origin`. */
  readonly origin: string;
  readonly #bucket: IBucket;
  readonly #props: ConsoleProps;

  constructor(scope: Construct, id: string, props: ConsoleProps) {
    super(scope, id);
    const { domain } = props;
    this.#props = props;
    // It holds nothing that the next deployment would not write again.
    const bucket = new Bucket(this, "Files", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    acknowledge(bucket, {
      "AwsSolutions-S1": "CloudFront is the only reader, and all users get the same files.",
    });
    // CDK's own types differ in what may be undefined.
    this.#bucket = bucket as IBucket;
    this.distribution = new Distribution(this, "Distribution", {
      comment: `${Stack.of(this).stackName} console`,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: "index.html",
      ...(domain && {
        domainNames: [domain.name],
        certificate: Certificate.fromCertificateArn(this, "Certificate", domain.certificateArn),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(this.#bucket, {
          originAccessControl: new S3OriginAccessControl(this, "AccessControl", {
            originAccessControlName: this.#globalName(),
          }),
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        // The objects' Cache-Control sets the time; the query, such as that of a sign-in, is not part of the key.
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: this.#headers(),
        functionAssociations: [
          { function: this.#pathFunction(), eventType: FunctionEventType.VIEWER_REQUEST },
        ],
        compress: true,
      },
      // S3 answers 403 for a missing object to a reader that may not list. CloudFront keeps that answer for a second,
      // since a deployment may bring the object.
      errorResponses: [{ httpStatus: 403, ttl: Duration.seconds(1) }],
    });
    acknowledge(this.distribution, {
      "AwsSolutions-CFR1": "Operators may be anywhere; where a deployment's are is not known here.",
      "AwsSolutions-CFR2":
        "Static files, the same for all users; the API and the sign-in page have their own guards.",
      "AwsSolutions-CFR3": "What users do is in the access log of the API.",
      ...(!domain && {
        "AwsSolutions-CFR4":
          "The distribution's own *.cloudfront.net certificate allows no other security policy: consoleDomain does.",
      }),
    });
    this.origin = `https://${domain?.name ?? this.distribution.distributionDomainName}`;
    this.url = `${this.origin}/`;
  }

  /** Copies the files and the configuration into the bucket, at each deployment that changes them. */
  deploy(config: ConsoleConfig): void {
    const { files, removalPolicy } = this.#props;
    const logGroup = new LogGroup(this, "DeploymentLogs", {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const role = new Role(this, "DeploymentRole", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);
    const common = {
      destinationBucket: this.#bucket,
      // A tab that is open still loads the files of the build that it began with.
      prune: false,
      role,
      logGroup,
      // The function runs the AWS CLI: with 128 MB it swaps.
      memoryLimit: 256,
      ephemeralStorageSize: Size.mebibytes(512),
    };
    const assets = new BucketDeployment(this, "Assets", {
      ...common,
      sources: [Source.asset(join(files, "assets"))],
      destinationKeyPrefix: "assets",
      cacheControl: [CacheControl.fromString("public, max-age=31536000, immutable")],
    });
    const page = new BucketDeployment(this, "Page", {
      ...common,
      sources: [Source.asset(files, { exclude: ["assets"] }), Source.jsonData("config.json", config)],
      cacheControl: [CacheControl.noCache()],
    });
    // The page names the assets, so they come first.
    page.node.addDependency(assets);
    this.#acknowledgeDeployment(role);
  }

  /** CDK grants these rights, and chooses the runtime. */
  #acknowledgeDeployment(role: Role): void {
    const stack = Stack.of(this);
    const { bootstrapQualifier = DefaultStackSynthesizer.DEFAULT_QUALIFIER } = stack.synthesizer;
    const files = stack.getLogicalId(this.#bucket.node.defaultChild as CfnBucket);
    const assets = `cdk-${bootstrapQualifier}-assets-<AWS::AccountId>-<AWS::Region>`;
    const findings = [
      ...["GetBucket", "GetObject", "List", "Abort", "DeleteObject"].map((name) => `Action::s3:${name}*`),
      `Resource::arn:<AWS::Partition>:s3:::${assets}/*`,
      `Resource::<${files}.Arn>/*`,
    ];
    const reason =
      "Runs during a deployment only, and reaches the bucket of the files and that of CDK's assets.";
    acknowledge(role, Object.fromEntries(findings.map((id) => [`AwsSolutions-IAM5[${id}]`, reason])));
    for (const child of stack.node.children) {
      if (!child.node.id.startsWith("Custom::CDKBucketDeployment")) continue;
      acknowledge(child, { "AwsSolutions-L1": "CDK's own function; it runs during a deployment only." });
    }
  }

  /** The content security policy allows no code, style or frame but that of the console's own files. */
  #headers(): ResponseHeadersPolicy {
    const contentSecurityPolicy = [
      "default-src 'self'",
      ["connect-src 'self'", ...this.#props.connect].join(" "),
      "img-src 'self' data:",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join("; ");
    return new ResponseHeadersPolicy(this, "Headers", {
      responseHeadersPolicyName: this.#globalName(),
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(730), override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: "cross-origin-opener-policy", value: "same-origin", override: true },
          {
            header: "permissions-policy",
            value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            override: true,
          },
        ],
      },
    });
  }

  /** With the region: CloudFront has one list of names for all of an account's stacks. */
  #globalName(): string {
    return `${Stack.of(this).stackName}-console-${Aws.REGION}`;
  }

  #pathFunction(): EdgeFunction {
    return new EdgeFunction(this, "Path", {
      code: FunctionCode.fromInline(readFileSync(pathFunction, "utf8")),
      runtime: FunctionRuntime.JS_2_0,
      comment: "The console's one page is at the root",
    });
  }
}
