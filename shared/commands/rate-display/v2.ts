/**
 * How OCPP 2.x stations show prices: as texts in the variables of TariffCostCtrlr (part 2, chapter I), and in
 * 2.1 by a default tariff (part 2, I07 and I10) where the station has those.
 */

import type { SetVariableResult } from "../../dialects/v2/answers.ts";
import { inGroups } from "../../dialects/v2/limits.ts";
import { versionOf } from "../../ocpp/versions.ts";
import type { RateItem, StationItem } from "../../store/items.ts";
import { isAccepted, sendForStatus } from "../answers.ts";
import type { Session } from "../session.ts";
import { connectionOf, orRefusal, type RateDisplayRows, unlessUnknown } from "./output.ts";

const variable = (name: string, attributeValue: string, instance?: string) => ({
  component: { name: "TariffCostCtrlr" },
  variable: { name, ...(instance && { instance }) },
  attributeValue,
});

type TariffVariable = ReturnType<typeof variable>;

const textsOf = ({ priceText, currency, translations = {} }: RateItem): TariffVariable[] => [
  variable("Enabled", "true", "Tariff"),
  variable("TariffFallbackMessage", priceText),
  variable("Currency", currency),
  ...Object.entries(translations).map(([language, text]) =>
    variable("TariffFallbackMessage", text, language),
  ),
];

const off = [variable("Enabled", "false", "Tariff")];

/** Of the groups' first one: what a station must have to show a price at all. */
async function setVariables(session: Session, variables: readonly TariffVariable[]) {
  let first: { ocppMessageId: string; status?: string } | undefined;
  for (const setVariableData of inGroups(variables, "setVariables", session.station)) {
    const { ocppMessageId, payload } = await session.call("SetVariables", { setVariableData });
    const results = (payload?.setVariableResult ?? []) as SetVariableResult[];
    const own = results.filter((result) =>
      result.variable.instance !== undefined ? isSwitch(result) : true,
    );
    const refused = own.find(({ attributeStatus }) => !isAccepted(attributeStatus));
    first ??= {
      ocppMessageId,
      ...(payload && { status: refused?.attributeStatus ?? "Accepted" }),
    };
  }
  if (!first) throw new Error("there are no variables to set");
  return { ...first, connection: connectionOf(session) };
}

const isSwitch = ({ variable: { name } }: SetVariableResult): boolean => name.toLowerCase() === "enabled";

const groupCount = (variables: readonly TariffVariable[], station: StationItem): number =>
  inGroups(variables, "setVariables", station).length;

const hasTariffs = ({ connection }: StationItem): boolean =>
  connection !== undefined && versionOf(connection.protocol).hasTariffs;

/** A tariff for all EVSEs. OCPP counts charging time by the minute. */
function tariffOf({ rateId, currency, priceText, translations = {}, chargingPrice = {} }: RateItem) {
  const { kWhPrice, hourPrice, flatFee } = chargingPrice;
  const texts = [
    { format: "UTF8", content: priceText },
    ...Object.entries(translations).map(([language, content]) => ({ format: "UTF8", language, content })),
  ];
  return {
    tariffId: rateId,
    currency,
    description: texts.slice(0, 10),
    ...(kWhPrice !== undefined && { energy: { prices: [{ priceKwh: kWhPrice }] } }),
    ...(hourPrice !== undefined && { chargingTime: { prices: [{ priceMinute: hourPrice / 60 }] } }),
    ...(flatFee !== undefined && { fixedFee: { prices: [{ priceFixed: flatFee }] } }),
  };
}

/** Whether the station had a tariff, and has none left (I09 Clear Tariffs). */
async function clearTariffs(session: Session): Promise<boolean> {
  const answer = await unlessUnknown(session.call("ClearTariffs", {}));
  const results = (answer?.payload?.clearTariffsResult ?? []) as { status: string }[];
  const isGone = ({ status }: { status: string }) => status === "Accepted" || status === "NoTariff";
  return results.every(isGone) && results.some(({ status }) => status === "Accepted");
}

export const rateDisplayRows: RateDisplayRows = {
  syncRate: {
    callCount: ({ rate }, station) => (hasTariffs(station) ? 1 : groupCount(textsOf(rate), station)),
    async run({ rate }, session) {
      if (!hasTariffs(session.station)) return setVariables(session, textsOf(rate));
      const payload = { evseId: 0, tariff: tariffOf(rate) };
      const answer = await unlessUnknown(sendForStatus(session, "SetDefaultTariff", payload));
      if (answer) return { ...answer, connection: connectionOf(session) };
      await session.expectCalls(1 + groupCount(textsOf(rate), session.station));
      return setVariables(session, textsOf(rate));
    },
  },

  disableRate: {
    callCount: (_, station) => (hasTariffs(station) ? 2 : 1),
    async run(_, session) {
      const isCleared = hasTariffs(session.station) && (await clearTariffs(session));
      const answer = { ...(await orRefusal(setVariables(session, off))), connection: connectionOf(session) };
      // a station that showed a tariff may have no texts to switch off
      return isCleared && answer.status !== undefined ? { ...answer, status: "Accepted" } : answer;
    },
  },
};
