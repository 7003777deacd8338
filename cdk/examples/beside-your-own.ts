// An App in a stack of your own, beside a resource of your own that calls it.
import { App, Stack } from "aws-cdk-lib/core";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { AppConstruct } from "tenon/cdk";

const app = new App();
const stack = new Stack(app, "Shop");

const words = new AppConstruct(stack, "Words", { environment: "dev", entry: "../examples/wordcount.ts" });
const reporter = new Role(stack, "Reporter", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });

// It may call the Function at once and durably, and touch nothing else of the App.
words.grantCall(reporter, "count");
