import { certificateHashData, certificateType } from "../certificate-types.ts";
import { type CommandRoute, messageId, status } from "../command-route.ts";

export const route = {
  operationId: "getInstalledCertificates",
  path: "get_installed_certificates",
  summary: "List the certificates that are installed on a station",
  description:
    "`NotFound`: the station has none of the types. OCPP 1.6 asks for one type: without a type the station is asked for each.",
  body: {
    type: "object",
    properties: {
      certificateTypes: {
        type: "array",
        minItems: 1,
        maxItems: 5,
        items: certificateType,
        description: "Absent: all types.",
      },
    },
    additionalProperties: false,
    examples: [{ certificateTypes: ["CSMSRootCertificate"] }],
  },
  bodyOptional: true,
  answer: {
    properties: {
      ocppMessageId: messageId,
      status,
      certificates: {
        type: "array",
        items: {
          type: "object",
          properties: {
            certificateType: { type: "string" },
            certificateHashData,
            childCertificateHashData: { type: "array", items: certificateHashData },
          },
          required: ["certificateType", "certificateHashData"],
        },
      },
    },
    required: ["ocppMessageId"],
  },
} as const satisfies CommandRoute;
