/**
 * An OCPP payload as it stands in the table: JSON text. A payload may hold what DynamoDB does not take
 * (numbers of more than 38 digits, 32 nested levels), and a station that sends such things must still be
 * answered and logged.
 */
export type PayloadText = string & { readonly payloadText: unique symbol };

export const payloadText = (payload: unknown): PayloadText => JSON.stringify(payload) as PayloadText;

export const payloadOf = <Payload = unknown>(text: PayloadText): Payload => JSON.parse(text) as Payload;
