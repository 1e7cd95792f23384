import type { Payload } from "../behaviour.ts";
import type { Configuration } from "./configuration.ts";
import type { Requests } from "./requests.ts";

/** The local authorization list, of which only the version is kept (OCPP 1.6 §5.10, §5.15). */
export function createLocalList(configuration: Configuration) {
  let version = 0;
  return {
    GetLocalListVersion: (): Payload => ({
      listVersion: configuration.isOn("LocalAuthListEnabled") ? version : -1,
    }),
    SendLocalList: (request: Requests["SendLocalList"]): Payload => {
      const { listVersion, updateType, localAuthorizationList = [] } = request;
      if (!configuration.isOn("LocalAuthListEnabled")) return { status: "NotSupported" };
      if (localAuthorizationList.length > configuration.integer("SendLocalListMaxLength"))
        return { status: "Failed" };
      if (updateType === "Differential" && listVersion <= version) return { status: "VersionMismatch" };
      version = listVersion;
      return { status: "Accepted" };
    },
  };
}
