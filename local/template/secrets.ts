import { randomBytes } from "node:crypto";

/** The properties of an AWS::SecretsManager::Secret that define its value. */
interface SecretProperties {
  readonly SecretString?: string;
  readonly GenerateSecretString?: {
    readonly SecretStringTemplate?: string;
    readonly GenerateStringKey?: string;
  };
}

/**
 * Answers `{{resolve:secretsmanager:<key>}}`, key being `<ARN>:SecretString:<JSON key>:<stage>:<version>`.
 * What Secrets Manager would generate is made up anew in every run.
 */
export function createSecrets(propertiesOf: (name: string) => SecretProperties | undefined) {
  const generated = new Map<string, string>();
  return (key: string): string | undefined => {
    const [, , , , , , name = "", , jsonKey] = key.split(":"); // the ARN itself has six colons
    const secret = propertiesOf(name);
    if (secret === undefined) return undefined;
    const random = generated.get(name) ?? randomBytes(24).toString("base64url");
    generated.set(name, random);
    const { SecretStringTemplate: frame, GenerateStringKey: slot } = secret.GenerateSecretString ?? {};
    const made =
      frame === undefined || slot === undefined
        ? random
        : JSON.stringify({ ...JSON.parse(frame), [slot]: random });
    const text = secret.SecretString ?? made;
    return jsonKey === undefined || jsonKey === "" ? text : JSON.parse(text)[jsonKey];
  };
}
