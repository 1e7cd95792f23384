import { type StatusOutput, sendForStatus } from "../answers.ts";
import { v16CertificateType } from "../certificate-types.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { checkOption, notSupported } from "../not-supported.ts";
import type { route } from "./route.ts";

const ACTION = "InstallCertificate";

export const installCertificate: Command<InputOf<typeof route>, StatusOutput> = {
  name: "install_certificate",
  rows: {
    /** White paper "Improved security for OCPP 1.6-J", M05 */
    v16: {
      async run({ certificateType, certificate }, session) {
        const type = v16CertificateType(certificateType);
        if (type === undefined)
          throw notSupported(session.protocol, ACTION, `${certificateType} in ${ACTION}`);
        return sendForStatus(session, ACTION, { certificateType: type, certificate });
      },
    },

    /** M05 Install CA certificate */
    v2: {
      async run({ certificateType, certificate }, session) {
        await checkOption(session, ACTION, { certificateType, certificate: "" }, certificateType);
        return sendForStatus(session, ACTION, { certificateType, certificate });
      },
    },
  },
};
