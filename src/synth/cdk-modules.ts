import { createRequire } from "node:module";
import { NotFoundError } from "../model/errors.ts";

// By require: an `import` of a CommonJS module reads each of its names, and CDK's are getters that load what they name.
const require = createRequire(import.meta.url);

/** The modules of the CDK. Each loads when it is first used, so that `plan` says what an App becomes without any of them. */
export const cdk = {
  get constructs(): typeof import("constructs") {
    return load("constructs") as typeof import("constructs");
  },
  get core(): typeof import("aws-cdk-lib/core") {
    return load("aws-cdk-lib/core") as typeof import("aws-cdk-lib/core");
  },
  get cloudwatch(): typeof import("aws-cdk-lib/aws-cloudwatch") {
    return load("aws-cdk-lib/aws-cloudwatch") as typeof import("aws-cdk-lib/aws-cloudwatch");
  },
  get dynamodb(): typeof import("aws-cdk-lib/aws-dynamodb") {
    return load("aws-cdk-lib/aws-dynamodb") as typeof import("aws-cdk-lib/aws-dynamodb");
  },
  get ec2(): typeof import("aws-cdk-lib/aws-ec2") {
    return load("aws-cdk-lib/aws-ec2") as typeof import("aws-cdk-lib/aws-ec2");
  },
  get events(): typeof import("aws-cdk-lib/aws-events") {
    return load("aws-cdk-lib/aws-events") as typeof import("aws-cdk-lib/aws-events");
  },
  get iam(): typeof import("aws-cdk-lib/aws-iam") {
    return load("aws-cdk-lib/aws-iam") as typeof import("aws-cdk-lib/aws-iam");
  },
  get lambda(): typeof import("aws-cdk-lib/aws-lambda") {
    return load("aws-cdk-lib/aws-lambda") as typeof import("aws-cdk-lib/aws-lambda");
  },
  get logs(): typeof import("aws-cdk-lib/aws-logs") {
    return load("aws-cdk-lib/aws-logs") as typeof import("aws-cdk-lib/aws-logs");
  },
  get s3(): typeof import("aws-cdk-lib/aws-s3") {
    return load("aws-cdk-lib/aws-s3") as typeof import("aws-cdk-lib/aws-s3");
  },
  get sqs(): typeof import("aws-cdk-lib/aws-sqs") {
    return load("aws-cdk-lib/aws-sqs") as typeof import("aws-cdk-lib/aws-sqs");
  },
  get ssm(): typeof import("aws-cdk-lib/aws-ssm") {
    return load("aws-cdk-lib/aws-ssm") as typeof import("aws-cdk-lib/aws-ssm");
  },
};

// --- Internal helpers ---

function load(name: string): unknown {
  try {
    return require(name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new NotFoundError(`The package ${name.replace(/^(aws-cdk-lib)\/.*/, "$1")} is not installed. Tenon makes CDK stacks with it.`, {
      hint: "Run npm install --save-dev aws-cdk-lib constructs aws-cdk@2.1148.1.",
      cause,
    });
  }
}
