import type { StatusOutput } from "../answers.ts";
import { v16CertificateType } from "../certificate-types.ts";
import type { Command } from "../command.ts";
import type { InputOf } from "../command-route.ts";
import { checkOption, notSupported } from "../not-supported.ts";
import type { route } from "./route.ts";

const ACTION = "GetInstalledCertificateIds";

interface InstalledCertificate {
  readonly certificateType: string;
  readonly certificateHashData: object;
  readonly childCertificateHashData?: readonly object[];
}

interface CertificatesOutput extends StatusOutput {
  readonly certificates?: readonly InstalledCertificate[];
}

type Input = InputOf<typeof route>;

/** The types that 1.6 has. */
const V16_TYPES = ["CSMSRootCertificate", "ManufacturerRootCertificate"] as const;

const v16TypesOf = ({ certificateTypes = V16_TYPES }: Input): readonly string[] => certificateTypes;

export const getInstalledCertificates: Command<Input, CertificatesOutput> = {
  name: "get_installed_certificates",
  rows: {
    /** White paper "Improved security for OCPP 1.6-J", M03: one type in each CALL */
    v16: {
      callCount: (input) => v16TypesOf(input).length,
      async run(input, session) {
        const types = v16TypesOf(input);
        const names = types.map((type) => v16CertificateType(type));
        const missing = types[names.indexOf(undefined)];
        if (missing !== undefined) throw notSupported(session.protocol, ACTION, `${missing} in ${ACTION}`);
        const certificates: InstalledCertificate[] = [];
        let first: StatusOutput | undefined;
        for (const [n, type] of types.entries()) {
          const { ocppMessageId, payload } = await session.call(ACTION, { certificateType: names[n] });
          const found = (payload?.certificateHashData ?? []) as object[];
          certificates.push(...found.map((data) => ({ certificateType: type, certificateHashData: data })));
          const status = payload && (certificates.length > 0 ? "Accepted" : (payload.status as string));
          first = { ocppMessageId: first?.ocppMessageId ?? ocppMessageId, ...(status && { status }) };
        }
        return { ...(first as StatusOutput), ...(first?.status !== undefined && { certificates }) };
      },
    },

    /** M03 Retrieve list of available certificates from a charging station */
    v2: {
      async run({ certificateTypes }, session) {
        const request = { ...(certificateTypes && { certificateType: certificateTypes }) };
        await checkOption(session, ACTION, request, (certificateTypes ?? []).join(", "));
        const { ocppMessageId, payload } = await session.call(ACTION, request);
        if (!payload) return { ocppMessageId };
        const certificates = (payload.certificateHashDataChain ?? []) as InstalledCertificate[];
        return { ocppMessageId, status: payload.status as string, certificates };
      },
    },
  },
};
