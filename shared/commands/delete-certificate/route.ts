import { certificateHashData } from "../certificate-types.ts";
import { type CommandRoute, statusAnswer } from "../command-route.ts";

export const route = {
  operationId: "deleteCertificate",
  path: "delete_certificate",
  summary: "Delete a root certificate from a station",
  description: "The certificate is named by its hashes, as get_installed_certificates returns them.",
  body: {
    type: "object",
    properties: { certificateHashData },
    required: ["certificateHashData"],
    additionalProperties: false,
    examples: [
      {
        certificateHashData: {
          hashAlgorithm: "SHA256",
          issuerNameHash: "64ec88ca",
          issuerKeyHash: "9f86d081",
          serialNumber: "3a",
        },
      },
    ],
  },
  answer: statusAnswer,
} as const satisfies CommandRoute;
