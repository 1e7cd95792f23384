/** The variables a simulated 2.x station has, and the messages that read and write them (chapter B). */

import { createRPCError } from "ocpp-rpc";
import type { Payload } from "../behaviour.ts";
import { type Access, type Kind, variablesOf } from "./variables.ts";

interface Name {
  readonly name: string;
  readonly instance?: string;
}

export interface VariableId {
  readonly component: Name & { readonly evse?: { readonly id: number; readonly connectorId?: number } };
  readonly variable: Name;
}

interface Attribute extends VariableId {
  readonly attributeType?: string;
}

interface Variable extends VariableId {
  readonly kind: Kind;
  readonly access: Access;
  value: string;
  /** Taken over at the next boot. */
  next?: string;
}

/** As API consumers write it: `Component[instance]@evse:connector.Variable[instance]`, here without escapes. */
function keyOf({ component, variable }: VariableId): string {
  const { evse } = component;
  const place = evse ? `@${evse.id}${evse.connectorId === undefined ? "" : `:${evse.connectorId}`}` : "";
  return `${componentKey(component)}${place}.${componentKey(variable)}`.toLowerCase();
}

const componentKey = ({ name, instance }: Name): string => name + (instance ? `[${instance}]` : "");

const KEY = /^([^.[@]+)(?:\[([^\]]+)\])?(?:@(\d+)(?::(\d+))?)?\.([^[]+)(?:\[(.+)\])?$/;

function parseKey(key: string): VariableId {
  const [, name = key, instance, evse, connector, variable = key, ofVariable] = KEY.exec(key) ?? [];
  return {
    component: {
      name,
      ...(instance && { instance }),
      ...(evse && { evse: { id: Number(evse), ...(connector && { connectorId: Number(connector) }) } }),
    },
    variable: { name: variable, ...(ofVariable && { instance: ofVariable }) },
  };
}

export class DeviceModel {
  /** By key in lower case: names are case-insensitive. */
  readonly #variables = new Map<string, Variable>();

  constructor(evses: number, values: Readonly<Record<string, string>>) {
    for (const { component: name, instance, evse, variable, value, kind, access } of variablesOf(evses)) {
      const id = parseKey(`X.${variable}`);
      const component = { name, ...(instance && { instance }), ...(evse && { evse }) };
      this.#add({ component, variable: id.variable, value, kind, access });
    }
    for (const [key, value] of Object.entries(values)) {
      const known = this.#variables.get(key.toLowerCase());
      this.#add({ ...(known ?? { ...parseKey(key), kind: "string", access: "readwrite" }), value });
    }
  }

  text(key: string): string {
    return this.#variables.get(key.toLowerCase())?.value ?? "";
  }

  integer(key: string): number {
    return Number(this.text(key));
  }

  isOn(key: string): boolean {
    return this.text(key) === "true";
  }

  /** Sets a variable for the station itself, even if it is read-only for the CSMS. */
  set(key: string, value: string): void {
    const variable = this.#variables.get(key.toLowerCase());
    if (variable) variable.value = value;
  }

  reboot(): void {
    for (const variable of this.#variables.values()) {
      variable.value = variable.next ?? variable.value;
      delete variable.next;
    }
  }

  /** B06 Get Variables */
  getVariables(asked: readonly Attribute[]): Payload {
    this.#refuseMoreThan("GetVariables", asked.length);
    return {
      getVariableResult: asked.map((attribute) => {
        const { component, variable, attributeType = "Actual" } = attribute;
        const found = this.#find(attribute);
        const readable = typeof found === "object" && found.access !== "writeonly";
        const status = typeof found === "string" ? found : readable ? "Accepted" : "Rejected";
        const value = readable ? { attributeValue: found.value } : {};
        return { attributeStatus: status, attributeType, component, variable, ...value };
      }),
    };
  }

  /** B05 Set Variables. @param changed called with each variable whose value changes */
  setVariables(
    asked: readonly (Attribute & { readonly attributeValue: string })[],
    changed: (key: string, value: string) => void,
  ): Payload {
    this.#refuseMoreThan("SetVariables", asked.length);
    return {
      setVariableResult: asked.map((attribute) => {
        const { component, variable, attributeType = "Actual", attributeValue } = attribute;
        const status = this.#write(attribute, attributeValue);
        if (status === "Accepted") changed(keyOf(attribute), attributeValue);
        return { attributeStatus: status, attributeType, component, variable };
      }),
    };
  }

  /** B07 Get Base Report: the variables in parts of as many as the station sends at once; none for no such report. */
  report(reportBase: string): Payload[][] {
    const size = this.integer("DeviceDataCtrlr.ItemsPerMessage[GetReport]");
    const variables = [...this.#variables.values()].filter(
      ({ access }) => reportBase === "FullInventory" || access !== "readonly",
    );
    return Array.from({ length: Math.ceil(variables.length / size) }, (_, part) =>
      variables.slice(part * size, (part + 1) * size).map(reportData),
    );
  }

  #add(variable: Variable): void {
    this.#variables.set(keyOf(variable), variable);
  }

  #find(attribute: Attribute): Variable | string {
    const found = this.#variables.get(keyOf(attribute));
    if (found)
      return (attribute.attributeType ?? "Actual") === "Actual" ? found : "NotSupportedAttributeType";
    const component = keyOf({ ...attribute, variable: { name: "" } });
    const isKnown = [...this.#variables.keys()].some((key) => key.startsWith(component));
    return isKnown ? "UnknownVariable" : "UnknownComponent";
  }

  #write(attribute: Attribute, value: string): string {
    const variable = this.#find(attribute);
    if (typeof variable === "string") return variable;
    if (variable.access === "readonly" || !isValid(variable, value)) return "Rejected";
    if (variable.access === "reboot") {
      variable.next = value;
      return "RebootRequired";
    }
    variable.value = value;
    return "Accepted";
  }

  /** B05.FR.11, B06.FR.16: refuses more items than the station supports. */
  #refuseMoreThan(action: string, items: number): void {
    const limit = this.integer(`DeviceDataCtrlr.ItemsPerMessage[${action}]`);
    if (items > limit)
      throw createRPCError("OccurrenceConstraintViolation", `at most ${limit} items`, { items, limit });
  }
}

function reportData({ component, variable, value, kind, access }: Variable): Payload {
  const mutability = {
    readonly: "ReadOnly",
    writeonly: "WriteOnly",
    readwrite: "ReadWrite",
    reboot: "ReadWrite",
  };
  return {
    component,
    variable,
    variableAttribute: [
      {
        type: "Actual",
        mutability: mutability[access],
        ...(access === "writeonly" ? {} : { value }),
      },
    ],
    variableCharacteristics: { dataType: kind, supportsMonitoring: false },
  };
}

function isValid({ variable, kind }: Variable, value: string): boolean {
  if (kind === "boolean") return value === "true" || value === "false";
  if (kind === "integer") return /^\d{1,9}$/.test(value);
  if (kind === "decimal") return value !== "" && Number.isFinite(Number(value));
  // part 2, SecurityCtrlr: a passwordString of 16 to 40 characters
  return variable.name === "BasicAuthPassword" ? /^[A-Za-z0-9*_=:+|@.~-]{16,40}$/.test(value) : true;
}
