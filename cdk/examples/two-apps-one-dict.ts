// Two Apps that share a Dict, each in a stack of its own. The Dict is rows of their environment: no stack makes it, and
// deleting either App leaves it as it is.
import { App } from "aws-cdk-lib/core";
import { AppStack, EnvironmentStack } from "tenon/cdk";

const app = new App();
const environment = "dev";

const shared = new EnvironmentStack(app, { environment });
for (const entry of ["../examples/votes.ts", "../examples/results.ts"])
  new AppStack(app, { environment, entry }).addStackDependency(shared);
