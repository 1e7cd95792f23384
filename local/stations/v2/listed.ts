/** What a 2.x station keeps for the CSMS and lists on request: display messages and charging profiles. */

import type { Device, Payload } from "../behaviour.ts";

interface MessageInfo {
  readonly id: number;
  readonly priority: string;
  readonly state?: string;
}

interface Profile {
  readonly id: number;
  readonly stackLevel: number;
  readonly chargingProfilePurpose: string;
}

interface ProfileCriteria {
  readonly chargingProfilePurpose?: string;
  readonly stackLevel?: number;
  readonly chargingProfileId?: readonly number[];
}

/** How many entries one message of a list has. */
const ENTRIES = 2;

const fits = <Value>(wanted: Value | undefined, value: Value | undefined): boolean =>
  wanted === undefined || wanted === value;

/** Sends a list in as many messages as it needs, after the answer to the request. */
function sendList<Entry>(
  device: Device,
  action: string,
  entries: readonly Entry[],
  message: (part: readonly Entry[]) => Payload,
): void {
  device.after(0, async () => {
    for (let start = 0; start < entries.length; start += ENTRIES) {
      const tbc = start + ENTRIES < entries.length;
      await device.report(action, { ...message(entries.slice(start, start + ENTRIES)), tbc });
    }
  });
}

/** O01 to O06 */
export function createDisplay(device: Device) {
  const messages = new Map<number, MessageInfo>();
  return {
    SetDisplayMessage: ({ message }: { message: MessageInfo }): Payload => {
      messages.set(message.id, message);
      return { status: "Accepted" };
    },
    GetDisplayMessages: (request: {
      requestId: number;
      id?: readonly number[];
      priority?: string;
      state?: string;
    }): Payload => {
      const { requestId, id, priority, state } = request;
      const found = [...messages.values()].filter(
        (message) =>
          (id?.includes(message.id) ?? true) &&
          fits(priority, message.priority) &&
          fits(state, message.state),
      );
      if (found.length === 0) return { status: "Unknown" };
      sendList(device, "NotifyDisplayMessages", found, (messageInfo) => ({ requestId, messageInfo }));
      return { status: "Accepted" };
    },
    ClearDisplayMessage: ({ id }: { id: number }): Payload => ({
      status: messages.delete(id) ? "Accepted" : "Unknown",
    }),
  };
}

/** K01, K09 and K10. The simulated cars charge as they like. */
export function createProfiles(device: Device) {
  let profiles: readonly { readonly evseId: number; readonly profile: Profile }[] = [];

  const matching = (evseId: number | undefined, criteria: ProfileCriteria = {}) =>
    profiles.filter(
      ({ evseId: at, profile }) =>
        fits(evseId, at) &&
        fits(criteria.chargingProfilePurpose, profile.chargingProfilePurpose) &&
        fits(criteria.stackLevel, profile.stackLevel) &&
        (criteria.chargingProfileId?.includes(profile.id) ?? true),
    );

  return {
    SetChargingProfile: ({
      evseId,
      chargingProfile,
    }: {
      evseId: number;
      chargingProfile: Profile;
    }): Payload => {
      if (evseId > device.connectors) return { status: "Rejected" };
      const others = profiles.filter(({ profile }) => profile.id !== chargingProfile.id);
      profiles = [...others, { evseId, profile: chargingProfile }];
      return { status: "Accepted" };
    },
    GetChargingProfiles: (request: {
      requestId: number;
      evseId?: number;
      chargingProfile: ProfileCriteria;
    }): Payload => {
      const { requestId, evseId, chargingProfile } = request;
      const found = matching(evseId, chargingProfile);
      if (found.length === 0) return { status: "NoProfiles" };
      const places = [...new Set(found.map((one) => one.evseId))];
      // K09: a message is about one EVSE
      const parts = places.map((place) => found.filter((one) => one.evseId === place));
      device.after(0, async () => {
        for (const [n, part] of parts.entries()) {
          await device.report("ReportChargingProfiles", {
            ...{ requestId, chargingLimitSource: "CSO", evseId: places[n] },
            chargingProfile: part.map(({ profile }) => profile),
            tbc: n < parts.length - 1,
          });
        }
      });
      return { status: "Accepted" };
    },
    ClearChargingProfile: (request: {
      chargingProfileId?: number;
      chargingProfileCriteria?: ProfileCriteria & { evseId?: number };
    }): Payload => {
      const { chargingProfileId: id, chargingProfileCriteria: criteria = {} } = request;
      const cleared = new Set(
        matching(criteria.evseId, { ...criteria, ...(id !== undefined && { chargingProfileId: [id] }) }),
      );
      profiles = profiles.filter((one) => !cleared.has(one));
      return { status: cleared.size > 0 ? "Accepted" : "Unknown" };
    },
  };
}
