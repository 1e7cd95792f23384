import type { Schemas } from "../api/client.ts";
import { EditorPage } from "../ui/editor-page.tsx";

export const Component = () => (
  <EditorPage<Schemas["Token"]>
    kind="token"
    collection="tokens"
    parameter="idTag"
    label="Token"
    operations={{ put: "putToken", read: "getToken", remove: "deleteToken" }}
    editable={["type", "status", "expiresAt", "groupId", "note"]}
    removalNote="Stations may have stored the token. Send clear_cache where it must end at once."
  />
);
