import { describe, expect, it } from "vitest";
import {
  type CallFrame,
  parse,
  type RawId,
  writeCall,
  writeCallError,
  writeCallResult,
} from "../../../shared/ocpp/frame.ts";

const raw = (text: string) => text as RawId;

describe("parse", () => {
  it("reads a CALL", () => {
    expect(parse("ocpp1.6", '[2,"17","Heartbeat",{}]')).toEqual({
      type: "CALL",
      messageId: "17",
      rawId: '"17"',
      action: "Heartbeat",
      payload: {},
    });
  });

  it("reads a CALLRESULT", () => {
    expect(parse("ocpp1.6", ' [ 3 , "17" , {"status":"Accepted"} ] ')).toEqual({
      type: "CALLRESULT",
      messageId: "17",
      rawId: '"17"',
      payload: { status: "Accepted" },
    });
  });

  it("reads a CALLERROR", () => {
    expect(parse("ocpp1.6", '[4,"17","NotSupported","not here",{"a":1}]')).toEqual({
      type: "CALLERROR",
      messageId: "17",
      rawId: '"17"',
      errorCode: "NotSupported",
      errorDescription: "not here",
      errorDetails: { a: 1 },
    });
  });

  it.each([
    ['[4,"17"]', "GenericError", ""],
    ['[4,"17","InternalError"]', "InternalError", ""],
    ['[4,"17","InternalError",null,null]', "InternalError", ""],
    ['[4,"17",500,"oops",[]]', "GenericError", "oops"],
  ])("reads a CALLERROR that is not complete: %s", (text, errorCode, errorDescription) => {
    expect(parse("ocpp1.6", text)).toMatchObject({
      type: "CALLERROR",
      errorCode,
      errorDescription,
      errorDetails: {},
    });
  });

  it.each([
    ['[2,"17","Heartbeat"]', "CALL"],
    ['[2,"17","Heartbeat",null]', "CALL"],
    ['[3,"17"]', "CALLRESULT"],
    ['[3,"17",null]', "CALLRESULT"],
  ])("reads a payload that was left out as an empty one: %s", (text, type) => {
    expect(parse("ocpp1.6", text)).toMatchObject({ type, payload: {} });
  });

  it("leaves what is no payload to the schemas", () => {
    expect(parse("ocpp1.6", '[2,"17","Heartbeat",[]]')).toMatchObject({ type: "CALL", payload: [] });
  });

  it.each([
    ['[2,17,"Heartbeat",{}]', "17"],
    ['[2, 17 ,"Heartbeat",{}]', "17"],
    ['[2,-1.5e3,"Heartbeat",{}]', "-1.5e3"],
    // nanoseconds: as a JavaScript number it would be …000
    ['[2,1763640000123456789,"Heartbeat",{}]', "1763640000123456789"],
    ["[3,17]", "17"],
  ])("keeps a numeric id as it came: %s", (text, id) => {
    expect(parse("ocpp1.6", text)).toMatchObject({ messageId: id, rawId: id });
  });

  it("reads types 5 and 6 in 2.1", () => {
    expect(parse("ocpp2.1", '[5,"17","FormatViolation","",{}]')).toMatchObject({
      type: "CALLRESULTERROR",
      errorCode: "FormatViolation",
    });
    expect(parse("ocpp2.1", '[6,"17","NotifyPeriodicEventStream",{"id":1}]')).toMatchObject({
      type: "SEND",
      action: "NotifyPeriodicEventStream",
      payload: { id: 1 },
    });
  });

  it.each([
    ["ocpp1.6", '[5,"17","FormatViolation","",{}]', 5],
    ["ocpp2.0.1", '[6,"17","NotifyPeriodicEventStream",{}]', 6],
    ["ocpp2.1", '[7,"17"]', 7],
    ["ocpp1.6", '[1,"17"]', 1],
    ["ocpp1.6", '[-2,"17","Heartbeat",{}]', -2],
  ] as const)("%s does not know the type of %s", (protocol, text, messageType) => {
    expect(parse(protocol, text)).toEqual({
      type: "unknownType",
      messageType,
      messageId: "17",
      rawId: '"17"',
    });
  });

  it("reads an unknown type without an id", () => {
    expect(parse("ocpp2.0.1", "[9]")).toMatchObject({ type: "unknownType", messageId: undefined });
  });

  it.each([
    ["", undefined],
    ["no JSON", undefined],
    ["{}", undefined],
    ["null", undefined],
    ["[]", undefined],
    ['["2","17","Heartbeat",{}]', "17"],
    ['[2.5,"17","Heartbeat",{}]', "17"],
    ["[2]", undefined],
    ['[2,null,"Heartbeat",{}]', undefined],
    ['[2,{},"Heartbeat",{}]', undefined],
    [`[2,"${"i".repeat(101)}","Heartbeat",{}]`, undefined],
    ['[2,"17"]', "17"],
    ['[2,"17",{},{}]', "17"],
    [`[2,"17","${"A".repeat(101)}",{}]`, "17"],
    [`[2,"17","Heartbeat",${"[".repeat(60_000)}${"]".repeat(60_000)}]`, "17"],
  ])("cannot read %.60s", (text, messageId) => {
    expect(parse("ocpp1.6", text)).toMatchObject({ type: "unreadable", messageId });
  });

  it("keeps what a payload holds under inherited names", () => {
    const { payload } = parse("ocpp1.6", '[2,"17","DataTransfer",{"__proto__":{"a":1}}]') as CallFrame;
    expect(Object.keys(payload as object)).toEqual(["__proto__"]);
  });
});

describe("the writers", () => {
  it("write a CALL", () => {
    expect(writeCall("17", "Reset", { type: "Soft" })).toBe('[2,"17","Reset",{"type":"Soft"}]');
  });

  it("write a CALLRESULT with the id as it came", () => {
    expect(writeCallResult(raw("17"), {})).toBe("[3,17,{}]");
    expect(writeCallResult(raw('"17"'), {})).toBe('[3,"17",{}]');
  });

  it("write a CALLERROR with all its parts", () => {
    expect(writeCallError(raw('"17"'), "NotSupported", "")).toBe('[4,"17","NotSupported","",{}]');
    expect(writeCallError(raw('"17"'), "NotSupported", 'a "b"', { c: 1 })).toBe(
      '[4,"17","NotSupported","a \\"b\\"",{"c":1}]',
    );
  });

  it("end a description after 255 characters, and never within one", () => {
    const [, , , description] = JSON.parse(writeCallError(raw("1"), "InternalError", `x${"🔌".repeat(200)}`));
    expect(description).toBe(`x${"🔌".repeat(127)}`);
  });
});
