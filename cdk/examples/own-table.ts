// A table of your own that the Functions of an App may write: what is granted to the App, each of them may.
import { App, Stack } from "aws-cdk-lib/core";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { AppConstruct } from "tenon/cdk";

const app = new App();
const stack = new Stack(app, "Prices");

const table = new Table(stack, "Table", {
  tableName: "tenon-example-prices",
  partitionKey: { name: "item", type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
});
const prices = new AppConstruct(stack, "App", { environment: "dev", entry: "examples/prices-app.ts" });

table.grantWriteData(prices);
