import type { CfnRule } from "aws-cdk-lib/aws-events";

/**
 * Leaves every tag off a rule, also one that stands on the whole stack: EventBridge has no tags on rules in every partition,
 * and CloudFormation refuses a template that gives them (in GovCloud).
 */
export function untagged(rule: CfnRule): CfnRule {
  rule.addPropertyDeletionOverride("Tags");
  return rule;
}
