/** Reads policies of the template, in the one form that is evaluated here. */
import { UnservableTemplate } from "../template/intrinsics.ts";

/** What one statement allows. */
export interface Statement {
  readonly actions: readonly string[];
  /** Literal, or with a `*` at the end. */
  readonly resources: readonly string[];
  /** Condition keys (lower case) with the values that are accepted. */
  readonly equals: Readonly<Record<string, readonly string[]>>;
}

/** A statement of a trust policy, with the services that may assume the role. */
export interface TrustStatement extends Statement {
  readonly services: readonly string[];
}

interface RawStatement {
  readonly [member: string]: unknown;
  readonly Effect?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly Principal?: { readonly Service?: string | readonly string[] };
}

const supported = 'only Allow, literals or a "*" at the end, and StringEquals are evaluated locally';

/**
 * @param where the policy's name, for the error
 * @throws UnservableTemplate where a statement has another form: nothing is guessed about rights
 */
export function statementsOf(document: unknown, where: string): Statement[] {
  return rawStatements(document).map((statement) => {
    onlyMembers(statement, ["Sid", "Effect", "Action", "Resource", "Condition"], where);
    const resources = [statement.Resource ?? []].flat();
    if (resources.length === 0) throw unsupported(where, "no Resource");
    return { ...base(statement, where), resources: checked(resources, where) };
  });
}

/** Throws like `statementsOf`. */
export function trustOf(document: unknown, where: string): TrustStatement[] {
  return rawStatements(document).map((statement) => {
    onlyMembers(statement, ["Sid", "Effect", "Action", "Principal", "Condition"], where);
    return {
      ...base(statement, where),
      resources: ["*"],
      services: [statement.Principal?.Service ?? []].flat(),
    };
  });
}

const rawStatements = (document: unknown): RawStatement[] =>
  [(document as { Statement?: RawStatement | RawStatement[] } | undefined)?.Statement ?? []].flat();

function base({ Effect, Action = [], Condition = {} }: RawStatement, where: string) {
  if (Effect !== "Allow") throw unsupported(where, `the effect ${Effect}`);
  const equals: Record<string, readonly string[]> = {};
  for (const [operator, keys] of Object.entries(Condition)) {
    if (operator !== "StringEquals") throw unsupported(where, `the condition ${operator}`);
    for (const [key, values] of Object.entries(keys)) equals[key.toLowerCase()] = [values].flat();
  }
  return { actions: checked([Action].flat(), where), equals };
}

function onlyMembers(statement: RawStatement, names: readonly string[], where: string): void {
  const other = Object.keys(statement).find((name) => !names.includes(name));
  if (other !== undefined) throw unsupported(where, other);
}

function checked(patterns: readonly string[], where: string): readonly string[] {
  for (const pattern of patterns) {
    if (/\*.|\?|\$\{/.test(pattern)) throw unsupported(where, `the pattern ${pattern}`);
  }
  return patterns;
}

const unsupported = (where: string, what: string) =>
  new UnservableTemplate(`Policy ${where} has ${what}; ${supported}`);
