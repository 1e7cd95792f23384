/**
 * CloudFormation's intrinsic functions, as far as synthesized templates use them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */

/** What names in a template stand for. Undefined means: not known here. */
export interface Scope {
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): string | undefined;
  mapping(map: string, key: string, second: string): unknown;
  condition(name: string): unknown;
  /** The value of `{{resolve:<service>:<key>}}`. */
  dynamic(service: string, key: string): string | undefined;
}

/** Something in the template that cannot be served on one machine; the message names it. */
export class UnservableTemplate extends Error {
  override readonly name = "UnservableTemplate";
}

type Intrinsic = (argument: unknown, resolve: (value: unknown) => unknown, scope: Scope) => unknown;

const known = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new UnservableTemplate(`The template's ${what} cannot be resolved locally`);
  return value;
};

const attribute = (scope: Scope, logicalId: string, name: string) =>
  known(scope.attribute(logicalId, name), `Fn::GetAtt ${logicalId}.${name}`);

const reference = (scope: Scope, name: string) => known(scope.ref(name), `Ref ${name}`);

const list = (value: unknown, of: string): unknown[] => {
  if (!Array.isArray(value)) throw new UnservableTemplate(`${of} in the template does not hold a list`);
  return value;
};

const isTrue = (value: unknown) => value === true || value === "true";

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, _resolve, scope) => {
    const value = reference(scope, String(name));
    return value === noValue ? undefined : value;
  },
  "Fn::GetAtt": (argument, _resolve, scope) => {
    const [logicalId, ...name] = Array.isArray(argument) ? argument : String(argument).split(".");
    return attribute(scope, String(logicalId), name.join("."));
  },
  "Fn::Join": (argument, resolve) => {
    const [separator, parts] = list(resolve(argument), "Fn::Join");
    return list(parts, "Fn::Join").join(String(separator));
  },
  "Fn::Sub": (argument, resolve, scope) => {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = resolve(variables) as Record<string, unknown>;
    return String(text).replaceAll(/\$\{([^!}][^}]*)\}|\$\{!([^}]*)\}/g, (_all, name, literal) => {
      if (name === undefined) return `\${${literal}}`;
      if (name in own) return String(own[name]);
      const dot = name.indexOf(".");
      return String(
        dot < 0 ? reference(scope, name) : attribute(scope, name.slice(0, dot), name.slice(dot + 1)),
      );
    });
  },
  "Fn::Select": (argument, resolve) => {
    const [index, items] = list(resolve(argument), "Fn::Select");
    return known(list(items, "Fn::Select")[Number(index)], `Fn::Select of element ${index}`);
  },
  "Fn::Split": (argument, resolve) => {
    const [separator, text] = list(resolve(argument), "Fn::Split");
    return String(text).split(String(separator));
  },
  "Fn::FindInMap": (argument, resolve, scope) => {
    const [map, key, second] = list(resolve(argument), "Fn::FindInMap").map(String);
    return known(scope.mapping(map ?? "", key ?? "", second ?? ""), `Fn::FindInMap ${map}.${key}.${second}`);
  },
  "Fn::If": (argument, resolve, scope) => {
    const [name, yes, no] = list(argument, "Fn::If");
    return resolve(isTrue(resolve(scope.condition(String(name)))) ? yes : no);
  },
  "Fn::Equals": (argument, resolve) => {
    const [one, other] = list(resolve(argument), "Fn::Equals");
    return String(one) === String(other);
  },
  "Fn::Not": (argument, resolve) => !isTrue(list(resolve(argument), "Fn::Not")[0]),
  "Fn::And": (argument, resolve) => list(resolve(argument), "Fn::And").every(isTrue),
  "Fn::Or": (argument, resolve) => list(resolve(argument), "Fn::Or").some(isTrue),
  Condition: (name, resolve, scope) => resolve(scope.condition(String(name))),
};

/** What `Ref: AWS::NoValue` stands for: the property that holds it is left out. */
export const noValue = Symbol("AWS::NoValue");

/** `{{resolve:service:key}}`, also in the middle of a text. */
const dynamicReference = /\{\{resolve:([a-z-]+):([^}]*)\}\}/g;

export function resolveIntrinsics(value: unknown, scope: Scope): unknown {
  const resolve = (inner: unknown): unknown => resolveIntrinsics(inner, scope);
  if (typeof value === "string") return withDynamicReferences(value, scope);
  if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
  if (typeof value !== "object" || value === null) return value;

  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined) {
    const intrinsic = intrinsics[name];
    if (intrinsic !== undefined) {
      const result = intrinsic(argument, resolve, scope);
      return typeof result === "string" ? withDynamicReferences(result, scope) : result;
    }
    if (name.startsWith("Fn::"))
      throw new UnservableTemplate(`The template's ${name} cannot be resolved locally`);
  }
  const resolved = entries.map(([key, inner]) => [key, resolve(inner)] as const);
  return Object.fromEntries(resolved.filter(([, inner]) => inner !== undefined));
}

function withDynamicReferences(text: string, scope: Scope): string {
  if (!text.includes("{{resolve:")) return text;
  return text.replaceAll(dynamicReference, (_all, service: string, key: string) =>
    known(scope.dynamic(service, key), `dynamic reference to ${service} ${key}`),
  );
}
