// The App of own-table.ts: its Functions work on a table that is not Tenon's.
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { App } from "tenon";

export const app = new App("prices-example");

const TableName = "tenon-example-prices";
const table = new DynamoDBClient({});

/** The CDK app lets every Function write: `table.grantWriteData(prices)`. */
export const setPrice = app.function("setPrice", async (item: string, cents: number) => {
  await table.send(new PutItemCommand({ TableName, Item: { item: { S: item }, cents: { N: String(cents) } } }));
});

/** Of the two only this one may read, because it says so itself. */
export const price = app.function(
  "price",
  {
    permissions: [
      {
        actions: ["dynamodb:GetItem"],
        resources: ["arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/tenon-example-prices"],
      },
    ],
  },
  readPrice,
);

/** Refused by IAM: nobody lets it read. */
export const spy = app.function("spy", readPrice);

async function readPrice(item: string): Promise<number | undefined> {
  const { Item } = await table.send(new GetItemCommand({ TableName, Key: { item: { S: item } } }));
  return Item?.["cents"]?.N === undefined ? undefined : Number(Item["cents"].N);
}
