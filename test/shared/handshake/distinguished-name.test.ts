import { describe, expect, it } from "vitest";
import { commonNameOf } from "../../../shared/handshake/distinguished-name.ts";

describe("commonNameOf", () => {
  it.each([
    ["CN=CP1", "CP1"],
    ["CN=client-3.example,OU=client-3,O=mTLS,ST=Washington,C=US", "client-3.example"],
    ["O=acme, OU=hall 2, CN=CP1", "CP1"],
    ["cn=CP1", "CP1"],
    ["2.5.4.3=CP1", "CP1"],
    ["OID.2.5.4.3=CP1", "CP1"],
    ["CN=CP 1 ", "CP 1"],
    ["CN = CP1 , O = acme", "CP1"],
    ["CN=\\ CP1\\ ,O=acme", " CP1 "],
    ["CN=DE*ABC*E1|2~3", "DE*ABC*E1|2~3"],
    ["CN=a=b", "a=b"],
    ["CN=a#b", "a#b"],
    ["CN=\\#a", "#a"],
    ['CN=a\\,b\\+c\\\\d\\"e\\<f\\>g\\;h', 'a,b+c\\d"e<f>g;h'],
    ["CN=a\\2Cb", "a,b"],
    ["CN=client\\_1\\-2.example,OU=client-3", "client_1-2.example"],
    ["CN=caf\\C3\\A9", "café"],
    ["CN=café", "café"],
    ["CN=CP1+OU=hall 2,O=acme", "CP1"],
    ["O=acme\\,CN=CP2,CN=CP1", "CP1"],
    ["O=,CN=CP1", "CP1"],
    ["1.2.3.4=#04024869,CN=CP1", "CP1"],
    ["CN=", ""],
  ])("finds the one in %s", (name, commonName) => {
    expect(commonNameOf(name)).toBe(commonName);
  });

  it.each([
    ["none", "O=acme,OU=CP1"],
    ["none in an empty name", ""],
    ["none but in another value", "O=acme\\,CN=CP1"],
    ["none of a similar type", "CNX=CP1,XCN=CP1,2.5.4.31=CP1"],
    ["two", "CN=CP1,CN=CP2"],
    ["the same twice", "CN=CP1,CN=CP1"],
    ["two, by name and number", "CN=CP1,2.5.4.3=CP2"],
    ["two in one part", "CN=CP1+CN=CP2"],
    ["one that is no text", "CN=#0c03435031"],
    ["bytes that are no UTF-8", "CN=CP\\FF"],
  ])("finds none where there is %s", (_what, name) => {
    expect(commonNameOf(name)).toBeUndefined();
  });

  it.each([
    "CP1",
    "CN",
    "=CP1",
    "CN=CP1,",
    ",CN=CP1",
    "CN=CP1,,O=acme",
    "CN=CP1;O=acme",
    'CN="CP1"',
    'O="a,CN=CP2",CN=CP1',
    "CN=CP1\\",
    "CN=CP1\\x",
    "CN=CP1<",
    "CN=CP1,O=#04zz",
    "CN=CP1,O=#0",
    "CN=CP1/O=acme,OU",
    "/CN=CP1",
    "CN=CP1,O\u0000=acme",
  ])("finds none in what is no distinguished name: %j", (name) => {
    expect(commonNameOf(name)).toBeUndefined();
  });
});
