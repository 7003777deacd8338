import type { StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { appStack, checkAwsEnvironment } from "../model/aws-names.ts";
import { AppConstruct, type AppOnAwsOptions, type AppSource } from "./app-construct.ts";
import { cdk } from "./cdk-modules.ts";
import { readEntry } from "./read-entry.ts";

/** What an App's stack is made from, beside what every stack takes. */
export type AppStackProps = AppSource & AppOnAwsOptions & Omit<StackProps, "stackName">;

/** The stack `tenon-<environment>-<app>`: one App, and nothing of its environment. */
export class AppStack extends cdk.core.Stack {
  /** The App in it. */
  readonly app: AppConstruct;

  constructor(scope: Construct, props: AppStackProps) {
    const { environment, entry, manifest: known, asset: made, architecture, ...others } = props;
    const { vpc, vpcSubnets, securityGroups, kmsKey, logRetentionDays, tracing, alarmTopic, maxContainers, enforce, ...stack } = others;
    const settings = { vpc, vpcSubnets, securityGroups, kmsKey, logRetentionDays, tracing, alarmTopic, maxContainers, enforce };
    checkAwsEnvironment(environment);
    const { manifest, asset } = entry === undefined ? { manifest: known, asset: made } : readEntry(entry, environment, architecture);
    const name = appStack(environment, manifest.name);
    super(scope, name, { description: `Tenon App ${manifest.name} (${environment})`, ...stack, stackName: name });
    this.app = new AppConstruct(this, "App", { environment, manifest, asset, architecture, ...settings });
  }
}
