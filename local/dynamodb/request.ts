import { OWN_REQUEST_HEADER } from "./operations.ts";

/** A DynamoDB item or key as it is on the wire: `{pk: {S: "…"}}`. */
export type WireItem = Record<string, Record<string, unknown>>;

/** One of the runner's own requests: uncounted, unsigned (dynalite wants a signature's looks only). */
export type OwnRequest = <Answer>(operation: string, input: object, service?: string) => Promise<Answer>;

export const ownRequests =
  (endpoint: string): OwnRequest =>
  async <Answer>(operation: string, input: object, service = "DynamoDB_20120810"): Promise<Answer> => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `${service}.${operation}`,
        "x-amz-date": "20260101T000000Z",
        authorization: "AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=local",
        [OWN_REQUEST_HEADER]: "1",
      },
      body: JSON.stringify(input),
    });
    const answer = (await response.json()) as Answer & {
      __type?: string;
      message?: string;
      Message?: string;
    };
    if (response.ok) return answer;
    const name = answer.__type?.split("#").at(-1) ?? "InternalServerError";
    throw Object.assign(new Error(answer.message || answer.Message || name), { name });
  };
