import { Stack } from "aws-cdk-lib/core";
import type { IGrantable, IRole } from "aws-cdk-lib/aws-iam";
import { App, type Permission } from "tenon";
import type { AppConstruct } from "tenon/cdk";
import { expectTypeOf } from "vitest";

const read: Permission = { actions: ["s3:GetObject"], resources: ["arn:aws:s3:::prices/*"] };

const app = new App("types", {
  permissions: [read],
  vpc: { subnetIds: ["subnet-0a1b2c3d"] },
  securityGroups: ["sg-0a1b2c3d"],
  tracing: true,
  maxContainers: 10,
  enforce: "reserved",
  metrics: true,
});
app.function("price", { permissions: [read] }, async () => 1);
// @ts-expect-error a permission names resources
app.function("sell", { permissions: [{ actions: ["s3:GetObject"] }] }, async () => 1);
// @ts-expect-error there is one way to enforce it
void new App("types", { enforce: "hard" });
// @ts-expect-error days are a number
void new App("types", { logRetentionDays: "30" });

declare const construct: AppConstruct;
expectTypeOf(construct).toExtend<IGrantable>();
expectTypeOf(construct.role).toEqualTypeOf<IRole>();
expectTypeOf(construct.roleOf("price")).toEqualTypeOf<IRole>();
expectTypeOf(Stack.of(construct)).toEqualTypeOf<Stack>();
