/**
 * Where a DynamoDB engine listens that the whole test run uses instead of dynalite, if it does:
 * `npm run test:dynamodb-local` starts one and says so.
 */
export const runningEngine: string | undefined = process.env.TEST_DYNAMODB_ENDPOINT || undefined;
