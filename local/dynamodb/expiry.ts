import type { OwnRequest, WireItem } from "./request.ts";
import type { TableProperties } from "./tables.ts";

/** Small pages, one after the other: a page of DynamoDB's 1 MB would hold up every other request. */
const PAGE = 100;

/**
 * Time to live, which dynalite lacks: deletes the items whose TTL attribute (epoch seconds) is past. DynamoDB
 * takes up to two days (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html); a sweep
 * now and then is generous.
 *
 * @returns how many items it deleted
 */
export async function expireItems(
  request: OwnRequest,
  name: string,
  table: TableProperties,
  nowMs: number,
): Promise<number> {
  const ttl = table.TimeToLiveSpecification;
  if (!ttl?.AttributeName || ttl.Enabled === false) return 0;

  const keyNames = table.KeySchema.map(({ AttributeName }) => AttributeName);
  const past = {
    ExpressionAttributeNames: { "#ttl": ttl.AttributeName },
    ExpressionAttributeValues: { ":now": { N: String(Math.floor(nowMs / 1000)) } },
  };
  let deleted = 0;
  let startKey: WireItem | undefined;
  do {
    const page = await request<{ Items: WireItem[]; LastEvaluatedKey?: WireItem }>("Scan", {
      TableName: name,
      Limit: PAGE,
      FilterExpression: "#ttl < :now",
      ...past,
      ...(startKey ? { ExclusiveStartKey: startKey } : {}),
    });
    for (const item of page.Items) {
      const Key = Object.fromEntries(keyNames.map((key) => [key, item[key]]));
      // Conditional: the item may have been given a longer life since it was read.
      const expired = await request("DeleteItem", {
        TableName: name,
        Key,
        ConditionExpression: "#ttl < :now",
        ...past,
      }).then(
        () => true,
        (error: Error) => {
          if (error.name === "ConditionalCheckFailedException") return false;
          throw error;
        },
      );
      if (expired) deleted++;
    }
    startKey = page.LastEvaluatedKey;
  } while (startKey);
  return deleted;
}
