/**
 * How OCPP 1.6 stations show prices: by configuration keys of the OCA's application note "OCPP & California
 * Pricing Requirements" (chapter 4).
 */

import { Problem } from "../../problems.ts";
import type { RateItem, StationItem } from "../../store/items.ts";
import { isAccepted, sendForStatus } from "../answers.ts";
import type { Session } from "../session.ts";
import { connectionOf, orRefusal, type RateDisplayRows } from "./output.ts";

const SWITCH = "CustomDisplayCostAndPrice";

/** OCPP 1.6 §6.7: ChangeConfiguration.req value is a CiString500. */
const MAX_CHARACTERS = 500;

interface Change {
  readonly key: string;
  readonly value: string;
}

function changesFor({ priceText, priceTextOffline, chargingPrice, translations = {} }: RateItem): Change[] {
  const texts = Object.entries(translations).map(([language, text]) => ({
    key: `DefaultPriceText,${language}`,
    value: JSON.stringify({ priceText: text }),
  }));
  return [
    { key: "DefaultPrice", value: JSON.stringify({ priceText, priceTextOffline, chargingPrice }) },
    ...texts,
  ];
}

const change = (session: Session, { key, value }: Change) =>
  sendForStatus(session, "ChangeConfiguration", { key, value });

/** @throws Problem `payload-violates-schema` with the text that is too long, and by how much */
function refuseLong(session: Session, changes: readonly Change[]): void {
  const errors = changes
    .filter(({ value }) => [...value].length > MAX_CHARACTERS)
    .map(({ key, value }) => ({
      pointer: "/value",
      detail: `${key} has ${[...value].length} characters as JSON; the maximum in OCPP 1.6 is ${MAX_CHARACTERS}. Shorten the texts of the rate`,
    }));
  if (errors.length === 0) return;
  const { protocol } = session;
  const action = "ChangeConfiguration";
  throw new Problem("payload-violates-schema", "The rate is too long for OCPP 1.6. Nothing was sent.", {
    errors,
    protocol,
    action,
  });
}

export const rateDisplayRows: RateDisplayRows = {
  /** A station that shows the price but not in other languages has taken it. */
  syncRate: {
    callCount: ({ rate }, station) => changesFor(rate).length + (isSwitchedOff(station) ? 1 : 0),
    async run({ rate }, session) {
      const changes = changesFor(rate);
      refuseLong(session, changes);
      const [price, ...texts] = changes as [Change, ...Change[]];
      const { ocppMessageId, status } = await change(session, price);
      const output = { ocppMessageId, connection: connectionOf(session), ...(status && { status }) };
      if (status && !isAccepted(status)) {
        await session.expectCalls(1);
        return output;
      }
      for (const text of texts) await change(session, text);
      if (isSwitchedOff(session.station)) await change(session, { key: SWITCH, value: "true" });
      return output;
    },
  },

  /**
   * A station that refuses the switch (it has none, or a read-only one) gets an empty price, if it was shown one from
   * here: other stations are sent no key that they may not have.
   */
  disableRate: {
    async run(_, session) {
      const connection = connectionOf(session);
      const off = await orRefusal(change(session, { key: SWITCH, value: "false" }));
      const isOff = off.status === undefined || isAccepted(off.status);
      if (isOff || !session.station.rateDisplay) return { ...off, connection };
      await session.expectCalls(2);
      const empty = await orRefusal(change(session, { key: "DefaultPrice", value: "" }));
      return { ...empty, connection };
    },
  },
};

const isSwitchedOff = ({ rateDisplay }: StationItem): boolean => rateDisplay?.state === "disabled";
