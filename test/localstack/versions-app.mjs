// A CDK app with one stack of what Tenon's stacks are made of, in the version that TENON_TEST_VERSION names.
import { App, CfnResource, Stack } from "aws-cdk-lib";

const version = process.env.TENON_TEST_VERSION;
const app = new App();
const stack = new Stack(app, "tenon-test-versions", { env: { account: "000000000000", region: "us-east-1" } });

function resource(id, type, properties) {
  return new CfnResource(stack, id, { type, properties });
}

const role = resource("Role", "AWS::IAM::Role", {
  AssumeRolePolicyDocument: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  },
});
resource("Parameter", "AWS::SSM::Parameter", { Name: "/tenon/test/versions", Type: "String", Value: version });
resource("Lambda", "AWS::Lambda::Function", {
  FunctionName: "tenon-test-versions",
  Code: { ZipFile: `exports.handler = async () => "${version} " + process.env.VERSION;` },
  Environment: { Variables: { VERSION: version } },
  Handler: "index.handler",
  Role: role.getAtt("Arn"),
  Runtime: "nodejs24.x",
});
if (version === "broken") resource("Taken", "AWS::SSM::Parameter", { Name: "/tenon/test/taken", Type: "String", Value: version });
