/** Which backend a command touches: the flag wins over `TENON_BACKEND`. */
export const BACKEND = {
  local: { type: "boolean", description: "on this machine (as TENON_BACKEND=local)" },
  aws: { type: "boolean", description: "on AWS (as TENON_BACKEND=aws)" },
} as const;

/** For commands that know AWS only, where `TENON_BACKEND` says otherwise. */
export const AWS = { aws: { type: "boolean", description: "on AWS, whatever TENON_BACKEND is" } } as const;

/** The folder that synth writes to. */
export const OUTPUT = {
  type: "text",
  short: "o",
  value: "folder",
  description: "the folder of the cloud assembly (default: CDK_OUTDIR, else cdk.out)",
} as const;

/** The processor of an App's Lambda functions. */
export const ARCHITECTURE = {
  type: "choice",
  value: "name",
  choices: ["arm64", "x86_64"],
  default: "arm64",
  description: "the processor of the Lambda functions: arm64 or x86_64",
} as const;

/** The CDK's bootstrap of the account, where it has a qualifier of its own. */
export const QUALIFIER = {
  qualifier: { type: "text", value: "text", description: "the qualifier of the CDK's bootstrap, where it is not the usual one" },
} as const;

/** How the account is prepared for stacks, where that is not the usual way. */
export const BOOTSTRAP = {
  ...QUALIFIER,
  permissionsBoundary: { type: "text", value: "policy", description: "name or ARN of a policy that bounds every role of the stacks" },
} as const;

/** For commands that ask before they remove something. */
export const YES = { type: "boolean", short: "y", description: "do not ask" } as const;

/** For commands that take every argument as JSON where it is JSON. */
export const RAW = { type: "boolean", description: "take every argument as text" } as const;
