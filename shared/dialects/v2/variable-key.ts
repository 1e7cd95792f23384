/**
 * A variable of the device model (OCPP 2.x part 1, "Device Model") as one text, so that it can be a
 * configuration key like those of 1.6:
 *
 *     Component[instance]@evse:connector.Variable[instance]
 *
 * Each bracket, `@evse` and `:connector` stand only where there is one. The characters that the notation
 * itself uses are percent-encoded inside names, and nothing else is, so that a variable has exactly one key.
 */

export interface Evse {
  readonly id: number;
  readonly connectorId?: number;
}

export interface ComponentName {
  readonly name: string;
  readonly instance?: string;
  readonly evse?: Evse;
}

export interface VariableName {
  readonly name: string;
  readonly instance?: string;
}

export interface ComponentVariable {
  readonly component: ComponentName;
  readonly variable: VariableName;
}

/** Thrown for a text that is not the key of a variable; the message contains the position. */
export class InvalidVariableKey extends Error {
  override readonly name = "InvalidVariableKey";
}

const SPECIAL = /[.[\]@:%]/g;
const ESCAPES: ReadonlyMap<string, string> = new Map(
  [".", "[", "]", "@", ":", "%"].map((character) => [encode(character), character]),
);

function encode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

export function writeVariableKey({ component, variable }: ComponentVariable): string {
  return `${writeName(component)}${writeEvse(component.evse)}.${writeName(variable)}`;
}

/** Some stations send `instance: ""` for a variable without an instance. */
const writeName = ({ name, instance }: VariableName): string =>
  name.replaceAll(SPECIAL, encode) + (instance ? `[${instance.replaceAll(SPECIAL, encode)}]` : "");

function writeEvse(evse: Evse | undefined): string {
  if (evse === undefined) return "";
  return `@${evse.id}${evse.connectorId === undefined ? "" : `:${evse.connectorId}`}`;
}

/** @throws InvalidVariableKey */
export function parseVariableKey(key: string): ComponentVariable {
  const reader = new Reader(key);
  const component = readName(reader, "the component's name");
  const evse = reader.takes("@") ? readEvse(reader) : undefined;
  reader.expect(".", "before the variable's name");
  const variable = readName(reader, "the variable's name");
  reader.expectEnd();
  return { component: { ...component, ...(evse && { evse }) }, variable };
}

function readName(reader: Reader, what: string): VariableName {
  const name = reader.name(what);
  if (!reader.takes("[")) return { name };
  const instance = reader.name("an instance");
  reader.expect("]", "after the instance");
  return { name, instance };
}

function readEvse(reader: Reader): Evse {
  const id = reader.number("an EVSE's number");
  return reader.takes(":") ? { id, connectorId: reader.number("a connector's number") } : { id };
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  expect(character: string, where: string): void {
    if (!this.takes(character)) this.#fail(`expected "${character}" ${where}`);
  }

  expectEnd(): void {
    if (this.#at < this.#text.length) this.#fail("expected the end");
  }

  number(what: string): number {
    const digits = this.#match(/(?:0|[1-9]\d{0,8})(?!\d)/y);
    if (digits === undefined) this.#fail(`expected ${what}`);
    return Number(digits);
  }

  name(what: string): string {
    let name = "";
    for (;;) {
      const plain = this.#match(/[^.[\]@:%]+/y);
      const coded = plain === undefined ? this.#match(/%.{0,2}/suy) : undefined;
      if (plain === undefined && coded === undefined) break;
      name += plain ?? this.#decode(coded as string);
    }
    if (name === "") this.#fail(`expected ${what}`);
    return name;
  }

  #decode(coded: string): string {
    const character = ESCAPES.get(coded);
    if (character !== undefined) return character;
    this.#at -= coded.length;
    this.#fail(`"${coded}" is none of ${[...ESCAPES.keys()].join(", ")}`);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [match] = pattern.exec(this.#text) ?? [];
    this.#at += match?.length ?? 0;
    return match;
  }

  #fail(problem: string): never {
    const found = this.#at < this.#text.length ? `"${this.#text[this.#at]}"` : "the end";
    throw new InvalidVariableKey(
      `is no Component[instance]@evse:connector.Variable[instance]: at character ${this.#at + 1} (${found}): ${problem}`,
    );
  }
}

/** Names are case-insensitive (part 2, identifierString), and stations answer in their own spelling. */
export const sameVariable = (variable: ComponentVariable): string => writeVariableKey(variable).toLowerCase();
