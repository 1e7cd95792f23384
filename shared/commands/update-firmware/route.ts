import { location, retries } from "../work-members.ts";

/** The body of `update_firmware`. */
export const updateFirmwareBody = {
  type: "object",
  properties: {
    location,
    retrieveAt: {
      type: "string",
      format: "date-time",
      description: "When the station downloads the firmware. Immediately where it is absent.",
    },
    installAt: {
      type: "string",
      format: "date-time",
      description:
        "When the station installs it. UpdateFirmware of OCPP 1.6 has no such time (422); signed firmware has.",
    },
    signingCertificate: {
      type: "string",
      minLength: 1,
      maxLength: 5500,
      description:
        "PEM. In OCPP 1.6, the firmware is sent as SignedUpdateFirmware, which needs `signature`, too.",
    },
    signature: { type: "string", minLength: 1, maxLength: 800, description: "Base64." },
    ...retries,
  },
  required: ["location"],
  additionalProperties: false,
  examples: [{ location: "https://firmware.example.com/1.1.0.bin", retries: 3, retryIntervalSeconds: 60 }],
} as const;
