import { ConflictError, ExecutionError, NotFoundError, PermissionDeniedError } from "../model/errors.ts";

/** Somebody else is at this stack. */
export function busyStack(stack: string, status: string): ConflictError {
  return new ConflictError(`The stack ${stack} is being changed by somebody else: it is ${status}.`, {
    hint: "Wait until that has ended, then do it again.",
  });
}

/** The first reasons why a stack could not be made or changed. */
export function failedStack(stack: string, what: "deployed" | "destroyed", reasons: readonly string[], cause: unknown): ExecutionError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const list = reasons.length === 0 ? ` ${said}` : `\n${reasons.map((reason) => `  ${reason}`).join("\n")}`;
  return new ExecutionError(`The stack ${stack} was not ${what}:${list}`, {
    cause,
    hint:
      what === "deployed"
        ? "CloudFormation has gone back to what was there before. Change what it names, and deploy again."
        : "What it names is still there. Remove what keeps it, and destroy again.",
  });
}

/** The account has never been prepared for the CDK. */
export function notBootstrapped(stack: string, cause: unknown): NotFoundError {
  return new NotFoundError(`The stack ${stack} was not deployed: this account and region are not bootstrapped for the CDK.`, {
    hint: "Run npx cdk bootstrap once, with rights to make roles and a bucket. Tenon never does it by itself.",
    cause,
  });
}

/** What deploys is not installed. */
export function noToolkit(cause: unknown): NotFoundError {
  return new NotFoundError("The package @aws-cdk/toolkit-lib is not installed; Tenon deploys CDK stacks with it.", {
    hint: 'Run npm install --save-dev @aws-cdk/toolkit-lib aws-cdk-lib constructs, or deploy with the CDK\'s own command: npx cdk deploy --app "npx tenon synth <file>".',
    cause,
  });
}

/** AWS does not let whoever deploys do it. */
export function deniedDeploy(stack: string, cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`The stack ${stack} may not be changed by whoever calls: ${cause.message}`, {
    hint: "Sign in with rights to take on the roles of the CDK's bootstrap (cdk-*-deploy-role, cdk-*-file-publishing-role).",
    cause,
  });
}

/** AWS does not let whoever deploys see what is there. */
export function deniedQuestion(action: string, resource: string, cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`The action ${action} on ${resource} is not allowed to whoever calls. AWS says: ${cause.message}`, {
    hint: `Allow ${action} on it to the caller's user or role, or sign in as somebody else (AWS_PROFILE).`,
    cause,
  });
}
