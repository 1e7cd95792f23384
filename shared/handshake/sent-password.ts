/** Passwords of Basic authentication in the CALLs that a station is sent, whichever command makes them. */

/** What gives a station a password. */
interface PasswordCall {
  readonly action: string;
  readonly payload: unknown;
}

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null ? (value as Members) : {};

/** A name without its case and separators, as stations compare it. */
const plain = (name: unknown): string =>
  String(name ?? "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");

/** Whether a variable is the password of Basic authentication (OCPP 2.x part 2, SecurityCtrlr). */
export function isPasswordVariable(data: unknown): boolean {
  const { component, variable, attributeType = "Actual" } = membersOf(data);
  return (
    plain(membersOf(component).name) === "securityctrlr" &&
    plain(membersOf(variable).name) === "basicauthpassword" &&
    plain(attributeType) === "actual"
  );
}

/**
 * The password that a CALL gives a station; of several the last one, which the station has afterwards. The
 * payload may break its schema: a raw request is sent as it is.
 */
export function passwordIn({ action, payload }: PasswordCall): string | undefined {
  const { key, value, setVariableData, connectionData } = membersOf(payload);
  const given = () => {
    switch (action) {
      case "ChangeConfiguration":
        return ["authorizationkey", "basicauthpassword", "securityctrlrbasicauthpassword"].includes(
          plain(key),
        )
          ? value
          : undefined;
      case "SetVariables":
        return Array.isArray(setVariableData)
          ? membersOf(setVariableData.findLast(isPasswordVariable)).attributeValue
          : undefined;
      case "SetNetworkProfile":
        return membersOf(connectionData).basicAuthPassword;
      default:
        return undefined;
    }
  };
  const password = given();
  return typeof password === "string" && password !== "" ? password : undefined;
}

/** Actions whose answer shows whether the station accepted a password. */
export const PASSWORD_ACTIONS: ReadonlySet<string> = new Set([
  "ChangeConfiguration",
  "SetVariables",
  "SetNetworkProfile",
]);
