import { expect, it } from "vitest";
import { fits } from "../../../local/dynamodb/changes.ts";

const keys = { pk: { S: "STATION#1" }, sk: { S: "IN#c#1" } };
const pattern = {
  eventName: ["INSERT"],
  dynamodb: {
    Keys: { sk: { S: [{ prefix: "IN#" }] } },
    NewImage: { identity: { S: [{ exists: true }] } },
  },
} as const;
const marked = { ...keys, identity: { S: "" } };

it.each([
  ["a new item with the attribute", { after: marked }, true],
  ["a new item without it", { after: keys }, false],
  ["a new item that has it in another type", { after: { ...keys, identity: { N: "1" } } }, false],
  ["another key", { after: { ...marked, sk: { S: "OUT#1" } } }, false],
  ["a change", { before: keys, after: marked }, false],
  ["a deletion", { before: marked }, false],
])("fits takes %s for what the pattern asks for: %j is %s", (_, change, expected) => {
  expect(fits(pattern, { table: "state", ...change })).toBe(expected);
});
