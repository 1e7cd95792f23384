/**
 * The address of a DynamoDB engine that the whole test run uses instead of dynalite. `npm run test:dynamodb-local`
 * starts one and sets the variable.
 */
export const runningEngine: string | undefined = process.env.TEST_DYNAMODB_ENDPOINT || undefined;
