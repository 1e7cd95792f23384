/** The roles of the template, enforced: who may do what at the services that are served here. */
import { randomBytes } from "node:crypto";
import {
  type AccessRequest,
  createGuard,
  type Guard,
  holds,
  type Principal,
  type Use,
} from "./rights/guard.ts";
import { type RightsReport, reportRights } from "./rights/report.ts";
import { statementsOf, type TrustStatement, trustOf } from "./rights/statements.ts";
import { type Resource, type Template, UnservableTemplate } from "./template.ts";

export type { AccessRequest, Guard, Principal, RightsReport, Use };

export interface Rights extends Guard {
  /** All of them, for a guard in another thread; `used` gets what that one reports. */
  readonly principals: readonly Principal[];
  used(use: Use): void;
  /** The credentials of a function's environments. */
  credentialsOf(functionName: string): Record<string, string>;
  /**
   * Whether a service may do something with a role that it is given.
   * @returns why not
   */
  refusalAsService(
    roleArn: string,
    service: string,
    context: Readonly<Record<string, string>>,
    requests: readonly AccessRequest[],
  ): string | undefined;
  report(): RightsReport;
}

interface Role {
  readonly principal: Principal;
  readonly trust: readonly TrustStatement[];
}

/** As long and random as AWS's: no caller gets the rights of a function by accident. */
const newAccessKeyId = () => `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;

/**
 * Reads the roles of the functions, and those that Scheduler may assume. Checks what AWS checks when it creates a
 * function or an event source mapping.
 *
 * @throws UnservableTemplate where a policy has a form that is not evaluated here, or a role lacks such a right
 */
export function createRights(template: Template): Rights {
  const roles = rolesOf(template);
  const byFunction = new Map(
    template.ofType("AWS::Lambda::Function").flatMap((resource) => {
      const role = roles.get(template.property<string>(resource, "Role") ?? "");
      return role ? [[template.ref(resource), { resource, role }] as const] : [];
    }),
  );
  const principals = [...roles.values()].map(({ principal }) => principal);
  const uses: Use[] = [];
  const used = (use: Use) => void uses.push(use);
  const guard = createGuard(principals, used);

  function refusalAsService(
    roleArn: string,
    service: string,
    context: Readonly<Record<string, string>>,
    requests: readonly AccessRequest[],
  ): string | undefined {
    const role = roles.get(roleArn);
    if (role === undefined) return `${roleArn} is no role of the template`;
    const isTrusted = role.trust.some(
      (statement) => statement.services.includes(service) && holds(statement, context),
    );
    return isTrusted ? guard.refusalOf(role.principal, requests) : `${service} may not assume ${roleArn}`;
  }

  for (const { resource, role } of byFunction.values()) {
    const problem = refusalAsService(
      template.property<string>(resource, "Role") ?? "",
      "lambda.amazonaws.com",
      {},
      [...destinationsOf(template, resource), ...sourcesOf(template, resource)],
    );
    if (problem !== undefined) {
      throw new UnservableTemplate(
        `Function ${resource.constructId} (role ${role.principal.id}): ${problem}`,
      );
    }
  }

  return {
    ...guard,
    principals,
    used,
    refusalAsService,
    credentialsOf(functionName) {
      const accessKeyId = byFunction.get(functionName)?.role.principal.accessKeyId ?? "local";
      return {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_SESSION_TOKEN: "local",
      };
    },
    report: () => reportRights(principals, uses),
  };
}

/** By ARN: the roles of functions, and those that Scheduler may assume. */
function rolesOf(template: Template): Map<string, Role> {
  const functions = template.ofType("AWS::Lambda::Function");
  const roles = new Map<string, Role>();
  for (const resource of template.ofType("AWS::IAM::Role")) {
    const arn = template.attribute(resource, "Arn");
    const owner = functions.find((one) => template.property<string>(one, "Role") === arn);
    const trustDocument = template.property(resource, "AssumeRolePolicyDocument");
    const isOfScheduler = JSON.stringify(trustDocument).includes("scheduler.amazonaws.com");
    if (owner === undefined && !isOfScheduler) continue;
    const name = template.name(resource);
    const session = owner === undefined ? "scheduler" : template.name(owner);
    roles.set(arn, {
      principal: {
        id: owner?.constructId ?? `scheduler, ${resource.logicalId}`,
        arn: `arn:aws:sts::${template.accountId}:assumed-role/${name}/${session}`,
        accessKeyId: newAccessKeyId(),
        statements: policiesOf(template, resource, name).flatMap(({ document, where }) =>
          statementsOf(document, where),
        ),
      },
      trust: trustOf(trustDocument, `AssumeRolePolicyDocument of ${resource.logicalId}`),
    });
  }
  return roles;
}

function policiesOf(template: Template, role: Resource, roleName: string) {
  const inline = template.property<{ PolicyName: string; PolicyDocument: unknown }[]>(role, "Policies") ?? [];
  const managed = template.property<string[]>(role, "ManagedPolicyArns") ?? [];
  if (managed.length > 0) {
    throw new UnservableTemplate(
      `Role ${role.logicalId}: ${managed[0]} is not in the template and cannot be evaluated`,
    );
  }
  const attached = template
    .ofType("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    .filter((policy) => (template.property<string[]>(policy, "Roles") ?? []).includes(roleName));
  return [
    ...inline.map(({ PolicyName, PolicyDocument }) => ({ document: PolicyDocument, where: PolicyName })),
    ...attached.map((policy) => ({
      document: template.property(policy, "PolicyDocument"),
      where: policy.logicalId,
    })),
  ];
}

interface Destination {
  readonly OnFailure?: { readonly Destination?: string };
  readonly OnSuccess?: { readonly Destination?: string };
}

/** The queues that a function's asynchronous invocations and its event sources end in. */
function destinationsOf(template: Template, fn: Resource): AccessRequest[] {
  return template
    .ofType("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::EventSourceMapping")
    .filter((config) => template.property<string>(config, "FunctionName") === template.ref(fn))
    .flatMap((config) => {
      const { OnFailure, OnSuccess } = template.property<Destination>(config, "DestinationConfig") ?? {};
      return [OnFailure?.Destination, OnSuccess?.Destination];
    })
    .filter((arn) => arn?.startsWith("arn:aws:sqs:"))
    .map((arn) => ({ action: "sqs:SendMessage", resource: String(arn) }));
}

/** What an event source mapping asks of the function's role. */
function sourcesOf(template: Template, fn: Resource): AccessRequest[] {
  return template
    .ofType("AWS::Lambda::EventSourceMapping")
    .filter((mapping) => template.property<string>(mapping, "FunctionName") === template.ref(fn))
    .flatMap((mapping) => {
      const resource = template.property<string>(mapping, "EventSourceArn") ?? "";
      const service = resource.split(":")[2] ?? "";
      return (sourceActions[service] ?? []).map((action) => ({ action: `${service}:${action}`, resource }));
    });
}

const sourceActions: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"],
  sqs: ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"],
};
