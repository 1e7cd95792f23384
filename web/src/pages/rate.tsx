import type { Schemas } from "../api/client.ts";
import { EditorPage } from "../ui/editor-page.tsx";

export const Component = () => (
  <EditorPage<Schemas["Rate"]>
    kind="rate"
    collection="rates"
    parameter="rateId"
    label="Rate ID"
    operations={{ put: "putRate", read: "getRate", remove: "deleteRate" }}
    editable={["currency", "priceText", "priceTextOffline", "translations", "chargingPrice"]}
    removalNote="The rate is removed from all stations that have it. Their displays do not change."
  />
);
