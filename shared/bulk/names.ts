/** The commands that can be sent in bulk, with the bodies that their own routes take. Pure data, for the OpenAPI. */

import type { JSONSchema } from "json-schema-to-ts";
import { connectorMembers } from "../commands/command-route.ts";
import type { CommandName } from "../commands/commands.ts";
import { getLogBody } from "../commands/get-log/route.ts";
import { commandRoutes } from "../commands/routes.ts";
import { updateFirmwareBody } from "../commands/update-firmware/route.ts";

interface BulkRoute {
  readonly name: CommandName;
  readonly body: JSONSchema;
}

const noMembers = { type: "object", properties: {}, additionalProperties: false } as const;

/** A path parameter means another connector at each station, so in bulk it is a member. */
const connectorBody = { type: "object", properties: connectorMembers, additionalProperties: false } as const;

const ofSynchronous = commandRoutes.map((route): [string, BulkRoute] => {
  const [path = "", parameter] = route.path.split("/");
  const body = "body" in route ? route.body : parameter === undefined ? noMembers : connectorBody;
  return [path, { name: route.operationId, body }];
});

/** By the name that the API has for each. */
export const bulkRoutes: Readonly<Record<string, BulkRoute>> = {
  ...Object.fromEntries(ofSynchronous),
  clear_cache: { name: "clearCache", body: noMembers },
  get_log: { name: "getLog", body: getLogBody },
  update_firmware: { name: "updateFirmware", body: updateFirmwareBody },
  rate_display_sync: { name: "syncRate", body: noMembers },
  rate_display_disable: { name: "disableRate", body: noMembers },
};

export const bulkCommandNames = Object.keys(bulkRoutes);
