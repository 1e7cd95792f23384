import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { throttleMetrics } from "../../../infra/constructs/access-log.ts";
import { commands } from "../../../shared/commands/commands.ts";
import { attemptStates, type MetricName, metrics, NAMESPACE, outcomes } from "../../../shared/metrics.ts";
import {
  ownFunctionsOf,
  resourceOf,
  resourcesOf,
  type TemplateResource,
  templateOf,
} from "../../support/stack.ts";

const template = templateOf();
const alarmsOf = (of = template) => Object.values(resourcesOf(of, "AWS::CloudWatch::Alarm"));
/** An alarm's name without the stack's: its place in the runbook. */
const idOf = ({ Properties }: TemplateResource): string =>
  Properties.AlarmName.replace(/^ocpp-relay-test-/, "");
const read = (page: string) => readFileSync(new URL(`../../../docs/${page}`, import.meta.url), "utf8");

interface Seen {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly string[];
}

/** What an alarm looks at. */
function metricsOfAlarm({ Properties }: TemplateResource): Seen[] {
  const { Namespace, MetricName: name, Dimensions, Metrics = [] } = Properties;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  const seen = (metric: any): Seen => ({
    namespace: metric.Namespace,
    name: metric.MetricName,
    dimensions: (metric.Dimensions ?? []).map((dimension: { Name: string }) => dimension.Name).sort(),
  });
  if (name) return [seen({ Namespace, MetricName: name, Dimensions })];
  return Metrics.flatMap(({ MetricStat }: { MetricStat?: { Metric: object } }) =>
    MetricStat ? [seen(MetricStat.Metric)] : [],
  );
}

interface Widget {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudWatch's own shape
  readonly properties: any;
}

/** The dashboard's widgets as they are in a region, with a resource's id where CloudFormation fills something in. */
function widgets(region = "eu-central-1"): Widget[] {
  const { Properties } = resourceOf(template, "AWS::CloudWatch::Dashboard", "observability");
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  const written = (part: any): string => {
    if (typeof part === "string") return part;
    const { Ref, "Fn::Join": join, "Fn::If": choice, "Fn::GetAtt": attribute } = part;
    if (join) return join[1].map(written).join(join[0]);
    if (choice) return written(choice[region === "us-east-1" ? 1 : 2]);
    return Ref ?? attribute[0];
  };
  return JSON.parse(written(Properties.DashboardBody)).widgets;
}

/** `[namespace, name, dimension, value, …, options]`, or an expression. */
function metricsOfWidget({ properties: { metrics: rows = [] } }: Widget): Seen[] {
  return rows.flatMap((row: unknown[]): Seen[] => {
    const texts = row.filter((part) => typeof part === "string");
    const [options] = row.filter((part) => typeof part === "object") as { expression?: string }[];
    const [, schema, name] = /SEARCH\('\{([^}]+)\}.*MetricName="(\w+)"/.exec(options?.expression ?? "") ?? [];
    if (schema && name) {
      const [namespace = "", ...dimensions] = schema.replaceAll('"', "").split(",");
      return [{ namespace, name, dimensions: dimensions.sort() }];
    }
    const [namespace, metric, ...dimensions] = texts as string[];
    if (!namespace || !metric) return [];
    return [{ namespace, name: metric, dimensions: dimensions.filter((_, n) => n % 2 === 0).sort() }];
  });
}

/** What is written by the code, and what is counted in the access logs. */
const ownNames: readonly string[] = [...Object.keys(metrics), ...Object.values(throttleMetrics)];

/** The sets of dimensions that a metric of our own has. */
const dimensionsOf = (name: string): string[][] => {
  if (!isOfTheCode(name)) return [["service"]];
  const { by = [[]] }: { unit: string; by?: readonly (readonly string[])[] } = metrics[name];
  return by.map((names) => ["service", ...names].sort());
};
const isOfTheCode = (name: string): name is MetricName => Object.hasOwn(metrics, name);

describe("what is looked at", () => {
  const onDashboard = widgets().flatMap(metricsOfWidget);
  const inAlarms = alarmsOf().flatMap(metricsOfAlarm);

  it("is a metric of AWS, or one of our own, by the dimensions that it has", () => {
    expect(onDashboard.length).toBeGreaterThan(50);
    expect(inAlarms.length).toBeGreaterThan(50);
    for (const { namespace, name, dimensions } of [...onDashboard, ...inAlarms]) {
      if (namespace.startsWith("AWS/")) continue;
      expect(namespace).toBe(NAMESPACE);
      expect(ownNames).toContain(name);
      expect(dimensionsOf(name), name).toContainEqual(dimensions);
    }
  });

  it("is all that there is of our own", () => {
    const own = onDashboard.filter(({ namespace }) => namespace === NAMESPACE).map(({ name }) => name);

    expect([...new Set(own)].sort()).toEqual([...ownNames].sort());
  });

  it("is of this stack alone", () => {
    const variables = Object.values(ownFunctionsOf(template)).map(
      ({ Properties }) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME,
    );

    expect(new Set(variables)).toEqual(new Set(["ocpp-relay-test"]));
    const body = JSON.stringify(resourcesOf(template, "AWS::CloudWatch::Alarm"));
    expect(body).toContain('{"Name":"service","Value":"ocpp-relay-test"}');
  });

  it("is in the documentation, metric by metric, with what it costs at most", () => {
    const text = read("operations.md");
    const [, section = ""] = text.split(/^## Metrics$/m);
    const [table = ""] = section.split(/^## /m);
    const rows = [...table.matchAll(/^\| `(\w+)` \|.*\| (\d+) \|$/gm)].map(
      ([, name = "", most]): [string, number] => [name, Number(most)],
    );
    const total = rows.reduce((sum, [, most]) => sum + most, 0);

    expect(rows.map(([name]) => name).sort()).toEqual([...ownNames].sort());
    expect(Object.fromEntries(rows)).toMatchObject({
      commands: (Object.keys(commands).length + 1) * outcomes.length,
      attempts: attemptStates.length,
    });
    expect(text).toContain(`${total} at the very most`);
    expect(text).toContain(`${inAlarms.length} in all`);
  });
});

describe("the dashboard", () => {
  it("has a section for each question", () => {
    const sections = widgets().flatMap(({ type, properties }) =>
      type === "text" ? [properties.markdown.replace("## ", "")] : [],
    );

    expect(sections).toEqual([
      "Stations",
      "Turned away",
      "Commands",
      "Limits",
      "API",
      "Functions",
      "Table",
      "Queues and timers",
      "Webhooks",
      "Cost drivers",
    ]);
  });

  it.each(["us-east-1", "eu-central-1"])(
    "in %s, has all alarms that are there in its first row",
    (region) => {
      const there = Object.entries(template.findResources("AWS::CloudWatch::Alarm")).filter(
        ([, { Condition }]) => Condition === undefined || region === "us-east-1",
      );
      const [row] = widgets(region);

      expect(row?.type).toBe("alarm");
      expect(row?.properties.alarms.sort()).toEqual(there.map(([id]) => id).sort());
    },
  );

  it("reads CloudFront's metrics where CloudFront keeps them", () => {
    const rows: unknown[][] = widgets().flatMap(({ properties }) => properties.metrics ?? []);
    const [endpoint] = rows.filter(([namespace]) => namespace === "AWS/CloudFront");
    const [blocked, tokens] = rows.filter(([namespace]) => namespace === "AWS/WAFV2");

    expect(endpoint?.at(-1)).toMatchObject({ region: "us-east-1" });
    expect(blocked?.at(-1)).toMatchObject({ region: "us-east-1" });
    expect(tokens?.at(-1)).not.toHaveProperty("region");
  });
});

describe("the alarms", () => {
  it("have a section each in the runbook, and the runbook none for alarms that are not", () => {
    // Other sections have titles of several words.
    const sections = [...read("runbook.md").matchAll(/^## (\S+)$/gm)].map(([, title]) => title);

    expect(sections.sort()).toEqual(alarmsOf().map(idOf).sort());
  });

  it("are as many as operations.md says, in us-east-1 and elsewhere", () => {
    const all = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
    const elsewhere = all.filter(({ Condition }) => Condition === undefined).length;

    expect(read("operations.md")).toContain(`${all.length} alarms there, ${elsewhere} elsewhere`);
  });

  it.each(alarmsOf().map((alarm): [string, TemplateResource] => [idOf(alarm), alarm]))(
    "%s is told, says where it is explained, and does not go off for want of data",
    (id, alarm) => {
      const { AlarmDescription, AlarmActions, OKActions, TreatMissingData } = alarm.Properties;
      const [topic] = Object.keys(resourcesOf(template, "AWS::SNS::Topic"));

      expect(AlarmDescription).toMatch(new RegExp(`^[A-Z].+[.] What to do: docs/runbook[.]md#${id}$`));
      expect([AlarmActions, OKActions]).toEqual([[{ Ref: topic }], [{ Ref: topic }]]);
      expect(["notBreaching", "ignore"]).toContain(TreatMissingData);
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
      expect(metricsOfAlarm(alarm).length).toBeLessThanOrEqual(10);
    },
  );

  it("add up what may be missing, and never by a plus, which would need all of it", () => {
    const expressions = alarmsOf().flatMap(({ Properties }) =>
      (Properties.Metrics ?? []).flatMap(({ Expression }: { Expression?: string }) => Expression ?? []),
    );

    expect(expressions.length).toBeGreaterThan(10);
    expect(expressions.filter((expression) => expression.includes("+"))).toEqual([]);
  });

  it("are everywhere the same, but for CloudFront's, whose metrics are in us-east-1", () => {
    const conditional = Object.values(template.findResources("AWS::CloudWatch::Alarm")).filter(
      ({ Condition }) => Condition !== undefined,
    );

    expect(conditional.map((alarm) => idOf(alarm as TemplateResource)).sort()).toEqual([
      "station-door-blocked",
      "station-door-errors",
    ]);
    for (const { Condition } of conditional) {
      expect(template.toJSON().Conditions[Condition]).toEqual({
        "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"],
      });
    }
  });

  it("look at each dead-letter queue", () => {
    const letters = JSON.stringify(alarmsOf().filter((alarm) => idOf(alarm).startsWith("dead-letters-")));
    const all = Object.entries(resourcesOf(template, "AWS::SQS::Queue"));
    // a queue that sends on what failed is none itself
    const queues = all.filter(([, { Properties }]) => !Properties.RedrivePolicy).map(([id]) => id);

    expect(queues).toHaveLength(5);
    for (const queue of queues) expect(letters).toContain(`"Fn::GetAtt":["${queue}","QueueName"]`);
  });

  it.each(["background", "timers", "events", "bulk", "webhooks"])(
    "of dead letters of %s: the runbook finds the queue",
    (of) => {
      const [letters] = alarmsOf().filter((alarm) => idOf(alarm) === `dead-letters-${of}`);
      const output = `DeadLetters${of[0]?.toUpperCase()}${of.slice(1)}`;
      const [, section = ""] = read("runbook.md").split(`## dead-letters-${of}\n`);

      expect(section.split("\n## ")[0]).toContain(`$(queue ${output})`);
      // what Ref gives of a queue is its URL
      const { Ref } = template.toJSON().Outputs[output].Value;
      expect(JSON.stringify(letters)).toContain(`"Fn::GetAtt":["${Ref}","QueueName"]`);
    },
  );

  it.each([
    [{}, 400],
    [{ lambdaConcurrency: "10" }, 8],
    [{ lambdaConcurrency: "none" }, undefined],
  ])("under %j, concurrency's goes off from %s on", (context, threshold) => {
    const alarm = alarmsOf(templateOf(context)).find((one) => idOf(one) === "concurrency");

    expect(alarm?.Properties.Threshold).toBe(threshold);
  });
});

describe("the saved queries", () => {
  it("ask all of the stack's logs at once", () => {
    const logGroups = Object.keys(resourcesOf(template, "AWS::Logs::LogGroup")).filter(
      (id) => !id.includes("acl") && !id.startsWith("console"),
    );
    const queries = Object.values(resourcesOf(template, "AWS::Logs::QueryDefinition"));

    expect(queries.map(({ Properties }) => Properties.Name).sort()).toEqual(
      ["attempt", "command", "errors", "outcomes", "refusals", "requests", "station"].map(
        (name) => `ocpp-relay-test/${name}`,
      ),
    );
    for (const { Properties } of queries) {
      expect(Properties.LogGroupNames.map(({ Ref }: { Ref: string }) => Ref).sort()).toEqual(
        logGroups.sort(),
      );
    }
  });
});

describe("the alarms' topic", () => {
  it("is encrypted by a key that CloudWatch may use, and takes nothing without TLS", () => {
    const topic = resourceOf(template, "AWS::SNS::Topic", "observability");
    const key = resourceOf(template, "AWS::KMS::Key", "observability");
    const policy = JSON.stringify(resourceOf(template, "AWS::SNS::TopicPolicy", "observability").Properties);
    const forCloudWatch = { Principal: { Service: "cloudwatch.amazonaws.com" }, Effect: "Allow" };

    expect(topic.Properties.KmsMasterKeyId["Fn::GetAtt"][1]).toBe("Arn");
    expect(key.Properties.EnableKeyRotation).toBe(true);
    expect(key.Properties.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({ ...forCloudWatch, Action: ["kms:Decrypt", "kms:GenerateDataKey*"] }),
    );
    expect(policy).toContain('"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
    expect(policy).toContain('"Principal":{"Service":"cloudwatch.amazonaws.com"}');
  });

  it("writes to nobody, or to whom the context names", () => {
    const email = templateOf({ alarmEmail: "on-call@example.com" });

    template.resourceCountIs("AWS::SNS::Subscription", 0);
    email.hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "email",
      Endpoint: "on-call@example.com",
    });
  });

  it("is an output", () => {
    const [topic] = Object.keys(resourcesOf(template, "AWS::SNS::Topic"));

    expect(template.toJSON().Outputs.AlarmTopicArn.Value).toEqual({ Ref: topic });
  });
});
