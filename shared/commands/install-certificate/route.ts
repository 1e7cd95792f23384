import { certificateType } from "../certificate-types.ts";
import { type CommandRoute, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "installCertificate",
  path: "install_certificate",
  summary: "Install a root certificate on a station",
  body: {
    type: "object",
    properties: {
      certificateType,
      certificate: { type: "string", minLength: 1, maxLength: 10_000, description: "PEM." },
    },
    required: ["certificateType", "certificate"],
    additionalProperties: false,
    examples: [
      {
        certificateType: "CSMSRootCertificate",
        certificate: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----",
      },
    ],
  },
  answer: statusAnswer,
} as const satisfies CommandRoute;
