import { BootstrapError, ToolkitError } from "@aws-cdk/toolkit-lib";
import { describe, expect, test } from "vitest";
import { explainFailure } from "../../src/deploy/stack-failure.ts";
import { ExecutionError, NotFoundError, PermissionDeniedError } from "../../src/model/errors.ts";

// The errors are worded as the CDK's toolkit words them.
const STACK = "tenon-dev-greeter";
const VERSION = "/cdk-bootstrap/hnb659fds/version";
const refusal = (action: string): string =>
  `User: arn:aws:iam::123456789012:user/reader is not authorized to perform: ${action} on resource: x because no identity-based policy allows the action`;
const awsError = (name: string, message: string): Error => Object.assign(new Error(message), { name });
const onDeploy = (error: Error, failures: readonly string[] = []): unknown => explainFailure(STACK, "deployed", { failures, error });
const onDestroy = (error: Error, failures: readonly string[] = []): unknown => explainFailure(STACK, "destroyed", { failures, error });
const inside = (cause: Error): Error => ToolkitError.withCause("BootstrapVersionValidation", `${STACK}: ${cause.message}`, cause);

const hidden = (action: string): unknown => ({
  message: `The stack ${STACK} was not deployed: this account and region are not bootstrapped for the CDK, or the caller may not use the bootstrap. AWS says: ${refusal(action)}`,
  hint: expect.stringMatching(/^Run npx cdk bootstrap once.* Where that was done, allow the caller's user or role/) as string,
});

const denied = (action: string): unknown => ({
  message: `The caller may not change the stack ${STACK}. AWS says: ${refusal(action)}`,
  hint: expect.stringMatching(/^Allow the caller's user or role .*, or sign in as another user \(AWS_PROFILE\)\.$/) as string,
});

describe("a caller who may not look at the bootstrap", () => {
  const confirmation = (said: string): Error =>
    inside(
      new ToolkitError(
        "BootstrapVersionSsmConfirmationFailed",
        `This CDK deployment requires bootstrap stack version '6', but during the confirmation via SSM parameter ${VERSION} the following error occurred: ${said}`,
      ),
    );

  test("is told what AWS said, and both reasons that it may have", () => {
    const shown = onDeploy(confirmation(`AccessDeniedException: ${refusal("ssm:GetParameter")}`));
    expect(shown).toBeInstanceOf(PermissionDeniedError);
    expect(shown).toMatchObject(hidden("ssm:GetParameter") as object);
  });

  test("is told so of a role, and where only the cause says it", () => {
    const role = new ToolkitError(
      "AssumeRoleFailed",
      `Could not assume role in target account ${refusal("sts:AssumeRole")}\n. Please make sure that this role exists in the account. If it doesn't exist, (re)-bootstrap the environment`,
    );
    expect(onDeploy(role)).toMatchObject(hidden("sts:AssumeRole") as object);
    const quiet = ToolkitError.withCause("X", `${STACK}: the bootstrap was not found`, awsError("AccessDenied", refusal("s3:ListBucket")));
    expect(onDeploy(quiet)).toMatchObject(hidden("s3:ListBucket") as object);
  });
});

test("an account that is not bootstrapped is told so", () => {
  const missing = new BootstrapError(
    "SsmParameterNotFound",
    `SSM parameter ${VERSION} not found in aws://1/eu-west-1. Has the environment been bootstrapped? Please run 'cdk bootstrap'`,
    { account: "1", region: "eu-west-1" },
    awsError("ParameterNotFound", "UnknownError"),
  );
  for (const error of [inside(missing), new Error("No bucket named 'cdk-assets'. Is account 1 bootstrapped?")]) {
    expect(onDeploy(error)).toBeInstanceOf(NotFoundError);
    expect(onDeploy(error)).toMatchObject({ hint: expect.stringContaining("Run npx cdk bootstrap once") as string });
  }
});

test("a caller who may not publish or deploy is told what AWS said", () => {
  const publish = awsError("AccessDenied", refusal("s3:PutObject"));
  expect(onDeploy(publish)).toMatchObject(denied("s3:PutObject") as object);
});

describe("a stack that could not be destroyed", () => {
  test("because the caller may not: it hints at the rights, not at CloudFormation", () => {
    expect(onDestroy(new Error(refusal("cloudformation:DeleteStack")))).toMatchObject(denied("cloudformation:DeleteStack") as object);
  });

  test("because CloudFormation may not delete something: its reasons", () => {
    const shown = onDestroy(new Error(refusal("sqs:DeleteQueue")), [`AWS::SQS::Queue Queue: ${refusal("sqs:DeleteQueue")}`]);
    expect(shown).toBeInstanceOf(ExecutionError);
    expect(shown).toMatchObject({ hint: "Remove what CloudFormation names, and destroy again." });
  });
});
