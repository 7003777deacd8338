import type { StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { appStack, checkAwsEnvironment } from "../model/aws-names.ts";
import { AppConstruct, type AppConstructProps } from "./app-construct.ts";
import { core } from "./cdk-modules.ts";

/** What an App's stack is made from, beside what every stack takes. */
export interface AppStackProps extends Omit<StackProps, "stackName">, AppConstructProps {}

/** The stack `tenon-<environment>-<app>`: one App, and nothing of its environment. */
export class AppStack extends core.Stack {
  /** The App in it. */
  readonly app: AppConstruct;

  constructor(scope: Construct, props: AppStackProps) {
    const { environment, manifest, asset, architecture, logRetentionDays, ...stack } = props;
    const name = appStack(checkAwsEnvironment(environment), manifest.name);
    super(scope, name, { description: `Tenon App ${manifest.name} (${environment})`, ...stack, stackName: name });
    this.app = new AppConstruct(this, "App", { environment, manifest, asset, architecture, logRetentionDays });
  }
}
