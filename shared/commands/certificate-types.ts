/** What 1.6 (white paper "Improved security for OCPP 1.6-J") calls the roots that it has. */
const V16_NAMES: Readonly<Record<string, string>> = {
  CSMSRootCertificate: "CentralSystemRootCertificate",
  ManufacturerRootCertificate: "ManufacturerRootCertificate",
};

export const v16CertificateType = (type: string): string | undefined => V16_NAMES[type];

export const certificateType = {
  type: "string",
  enum: [
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "MORootCertificate",
    "OEMRootCertificate",
    "V2GRootCertificate",
  ],
  description:
    "OCPP 1.6 (security extension) has CSMSRootCertificate and ManufacturerRootCertificate; OEMRootCertificate is of 2.1.",
} as const;

/** CertificateHashDataType, the same in all versions. */
export const certificateHashData = {
  type: "object",
  properties: {
    hashAlgorithm: { type: "string", enum: ["SHA256", "SHA384", "SHA512"] },
    issuerNameHash: { type: "string", maxLength: 128 },
    issuerKeyHash: { type: "string", maxLength: 128 },
    serialNumber: { type: "string", maxLength: 40 },
  },
  required: ["hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber"],
  additionalProperties: false,
} as const;
