import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";

/** How an account is prepared for the CDK, where that is not the usual way. */
export interface BootstrapParams {
  /** The qualifier of the CDK's bootstrap: 1 to 10 letters, digits, dashes and underscores. @default - `hnb659fds`, the CDK's own */
  readonly qualifier?: string | undefined;
  /** Name or ARN of a policy that bounds every role of the stack. @default - none */
  readonly permissionsBoundary?: string | undefined;
}

/** The same, when AWS takes them. Throws `InvalidError` otherwise. */
export function checkBootstrap({ qualifier, permissionsBoundary }: BootstrapParams): BootstrapParams {
  // The template of `cdk bootstrap`: Qualifier.
  if (qualifier !== undefined && !/^[A-Za-z0-9_-]{1,10}$/.test(qualifier))
    throw new InvalidError(`Invalid qualifier: ${showValue(qualifier)}. It must be 1 to 10 letters, digits, dashes or underscores.`, {
      hint: "Write the one that cdk bootstrap --qualifier was given.",
    });
  // "Names" of policies in IAM's API reference.
  const named = permissionsBoundary === undefined || /^(?:arn:[\w-]+:iam::\d{12}:policy\/)?[\w+=,.@/-]{1,128}$/.test(permissionsBoundary);
  if (!named)
    throw new InvalidError(`Invalid permissions boundary: ${showValue(permissionsBoundary)}. It must be the name or the ARN of a policy.`, {
      hint: "Write something such as developers-boundary.",
    });
  return { qualifier, permissionsBoundary };
}
