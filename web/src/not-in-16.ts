/** The operations of commands that OCPP 1.6 does not have. test/web/not-in-16.test.ts compares them with the API's own. */
export const notIn16: ReadonlySet<string> = new Set([
  "setDisplayMessage",
  "getDisplayMessages",
  "clearDisplayMessage",
  "getChargingProfiles",
]);
