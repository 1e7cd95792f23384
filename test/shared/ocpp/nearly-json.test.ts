import { describe, expect, it } from "vitest";
import { parse } from "../../../shared/ocpp/frame.ts";
import { keptText } from "../../../shared/ocpp/secrets.ts";

const status = { type: "CALLRESULT", messageId: "17", rawId: '"17"', payload: { status: "Accepted" } };

describe("a frame that is nearly JSON", () => {
  it.each([
    ["a NUL behind it", '[3,"17",{"status":"Accepted"}]\0'],
    ["a BOM before it", '\uFEFF[3,"17",{"status":"Accepted"}]'],
    ["white space and NULs at both ends", ' \0\r\n[3,"17",{"status":"Accepted"}]\0 \n\0'],
    ["a NUL inside a text", '[3,"17",{"status":"Accepted\0"}]'],
    ["NULs between its parts", '[3,\0"17",\0{"status":"Accepted"}]'],
  ])("is read: %s", (_, text) => {
    expect(parse("ocpp1.6", text)).toEqual(status);
  });

  it("keeps a raw line break and a tab of a text, behind an escaped quote too", () => {
    const text = '[2,"17","DataTransfer",{"vendorId":"a\\"b\nc\\\\","data":"x\ty"}]';

    expect(parse("ocpp2.1", text)).toMatchObject({ payload: { vendorId: 'a"b\nc\\', data: "x\ty" } });
  });

  it.each([
    ["cut short", '[3,"17",{"status":"Acc', 3],
    ["with a comma too many", '[3,"17",{"status":"Accepted",}]', 3],
    ["a CALLERROR that was cut short", '[4,"17","Int', 4],
    ["a CALL that was cut short", '[2,"17","Heartbeat",{', 2],
    ["with a numeric id", "[2,17,{]", 2],
  ])("still shows type and id: %s", (_, text, messageType) => {
    expect(parse("ocpp1.6", text)).toMatchObject({ type: "unreadable", messageType, messageId: "17" });
  });
});

describe("keptText", () => {
  it("keeps 1,000 characters", () => {
    expect(keptText(`[3,"17",{"a":"${"b".repeat(2000)}`)).toHaveLength(1000);
  });

  it.each([
    '[3,"17",{"configurationKey":[{"key":"AuthorizationKey","value":"hush"',
    '[3,"17",{"configurationKey":[{"value":"hush","key":"authorization_key"',
    '[2,"17","X",{"a":"b","basicAuthPassword":hush,}]',
    `[3,"17",{"a":"${"b".repeat(2000)}","password":"hush"`,
  ])("keeps only type and id where a secret is named: %.60s", (text) => {
    expect(keptText(text)).toBe('[3,"17"***'.replace("3", text[1] ?? ""));
  });

  it("masks the password of an address", () => {
    expect(keptText('[3,"17",{"a":"ftp://user:hush@host/",')).not.toContain("hush");
  });
});
