// The environment and one App as a CDK app: run `npx cdk deploy --all` in this folder. `npx tenon env synth` and
// `npx tenon synth` write the same stacks. `-c environment=prod` chooses another environment.
import { App } from "aws-cdk-lib/core";
import { AppStack, EnvironmentStack } from "tenon/cdk";

const app = new App();
const environment = (app.node.tryGetContext("environment") as string | undefined) ?? "dev";

const shared = new EnvironmentStack(app, { environment });
const wordcount = new AppStack(app, { environment, entry: "../examples/wordcount.ts" });
wordcount.addStackDependency(shared);
