import { describe, expect, it } from "vitest";
import { chooseProtocol, subprotocolFor } from "../../../shared/ocpp/protocols.ts";

describe("chooseProtocol", () => {
  it.each([
    ["ocpp2.1, ocpp2.0.1, ocpp1.6", "ocpp2.1"],
    ["ocpp1.6,ocpp2.0.1", "ocpp1.6"],
    ["OCPP1.6", "ocpp1.6"],
    ["ocpp1.5, Ocpp2.0.1", "ocpp2.0.1"],
    [" , ocpp1.6 ", "ocpp1.6"],
  ])("takes of the list %j the first version that it knows, in whatever case", (offered, expected) => {
    expect(chooseProtocol(offered, "ocpp2.1")).toBe(expected);
  });

  it.each([undefined, "", " , ", "ocpp1.6j", "ocpp1.5, soap"])(
    "takes the station's default for the list %j, and none without a default",
    (offered) => {
      expect(chooseProtocol(offered, "ocpp1.6")).toBe("ocpp1.6");
      expect(chooseProtocol(offered)).toBeUndefined();
    },
  );
});

describe("subprotocolFor", () => {
  it.each([
    ["ocpp2.0.1, OCPP1.6", "OCPP1.6"],
    ["ocpp1.6j, soap", "ocpp1.6j"],
    ["", undefined],
    [undefined, undefined],
  ])("selects a name of the list %j as the client spelled it", (offered, expected) => {
    expect(subprotocolFor(offered, "ocpp1.6")).toBe(expected);
  });
});
