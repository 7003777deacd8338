import { ConflictError, ExecutionError, NotFoundError, PermissionDeniedError } from "../model/errors.ts";

/** Someone else is changing this stack. */
export function busyStack(stack: string, status: string): ConflictError {
  return new ConflictError(`The stack ${stack} is being changed by someone else: it is ${status}.`, {
    hint: "Wait until that has ended, then run the command again.",
  });
}

/** A stack could not be changed, for these reasons. */
export function failedStack(stack: string, what: "deployed" | "destroyed", reasons: readonly string[], cause: unknown): ExecutionError {
  const said = cause instanceof Error ? cause.message : String(cause);
  const list = reasons.length === 0 ? ` ${said}` : `\n${reasons.map((reason) => `  ${reason}`).join("\n")}`;
  return new ExecutionError(`The stack ${stack} was not ${what}:${list}`, {
    cause,
    hint:
      what === "deployed"
        ? "Correct what CloudFormation names, and deploy again; the stack is as it was before."
        : "Remove what CloudFormation names, and destroy again.",
  });
}

/** The account is not bootstrapped for the CDK. */
export function notBootstrapped(stack: string, cause: unknown): NotFoundError {
  return new NotFoundError(`The stack ${stack} was not deployed: this account and region are not bootstrapped for the CDK.`, {
    hint: "Run npx cdk bootstrap once, with rights to make roles and a bucket. Tenon never does that by itself.",
    cause,
  });
}

/** The CDK's toolkit is not installed. */
export function noToolkit(cause: unknown): NotFoundError {
  return new NotFoundError("The package @aws-cdk/toolkit-lib is not installed. Tenon deploys CDK stacks with it.", {
    hint: 'Run npm install --save-dev @aws-cdk/toolkit-lib aws-cdk-lib constructs, or deploy with the CDK\'s own command: npx cdk deploy --app "npx tenon synth <file>".',
    cause,
  });
}

/** The bootstrap is not there, or AWS does not let the caller see it; `said` are AWS's words. */
export function hiddenBootstrap(stack: string, said: string, cause: unknown): PermissionDeniedError {
  return new PermissionDeniedError(
    `The stack ${stack} was not deployed: this account and region are not bootstrapped for the CDK, or the caller may not use the bootstrap. AWS says: ${said}`,
    {
      hint: "Run npx cdk bootstrap once, with rights to make roles and a bucket. Where that was done, allow the caller's user or role to take on the CDK's roles (cdk-*-deploy-role, cdk-*-file-publishing-role), or sign in as another user (AWS_PROFILE).",
      cause,
    },
  );
}

/** AWS does not let the caller deploy or destroy; `said` are AWS's words. */
export function deniedChange(stack: string, said: string, cause: unknown): PermissionDeniedError {
  return new PermissionDeniedError(`The caller may not change the stack ${stack}. AWS says: ${said}`, {
    hint: "Allow the caller's user or role to take on the roles of the CDK's bootstrap (cdk-*-deploy-role, cdk-*-file-publishing-role), or sign in as another user (AWS_PROFILE).",
    cause,
  });
}

/** AWS does not let the caller do this. */
export function deniedQuestion(action: string, resource: string, cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`The caller may not do ${action} on ${resource}. AWS says: ${cause.message}`, {
    hint: `Allow ${action} to the caller's user or role, or sign in as another user (AWS_PROFILE).`,
    cause,
  });
}

/** AWS does not let the caller delete an environment's data, which no policy that Tenon prints allows. */
export function deniedDeletion(action: string, resource: string, cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`The caller may not do ${action} on ${resource}. AWS says: ${cause.message}`, {
    hint: "Sign in with an administrator's rights (AWS_PROFILE) to delete data: no policy of tenon env policy allows it.",
    cause,
  });
}
