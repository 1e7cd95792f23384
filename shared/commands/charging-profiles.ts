/** Charging profiles and schedules between the neutral form and the versions of OCPP. */

export { chargingProfileOf as v2ProfileOf } from "../dialects/v2/charging-profile.ts";
export { chargingProfileOf as v16ProfileOf } from "../dialects/v16/charging-profile.ts";
