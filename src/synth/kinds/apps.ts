import { APPS_ACTIONS, type AppsTarget } from "../../adapters/apps/iam.ts";
import { appParameter, appParameterPath, cutAppParameter } from "../../model/aws-names.ts";
import { arn } from "../arns.ts";
import { cdk } from "../cdk-modules.ts";
import type { AppResources, Kind, Scope, Touched } from "./kind.ts";

/** What an App declares, kept in parameters of SSM. */
export const apps: Kind = {
  operations: { function: [APPS_ACTIONS.manifest], dispatcher: [APPS_ACTIONS.manifest], caller: [APPS_ACTIONS.manifest] },
  touches: ({ environment, manifest }: Scope): Record<AppsTarget, Touched> => ({
    parameters: { resources: [arn("ssm", `parameter${appParameterPath(environment, manifest.name)}*`)] },
  }),
  verbs: { "ssm:GetParameters": "read" },
  addResources: addParameters,
};

// --- Internal helpers ---

function addParameters({ construct, environment, manifest, version }: AppResources): void {
  // SSM and CloudFormation read "{{" as a reference; in JSON it stands only inside strings. CloudFormation gives back "?" for
  // whatever is not ASCII: a deploy could not tell what has changed.
  const text = JSON.stringify({ version, manifest })
    .replaceAll("{{", "{\\u007b")
    .replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  for (const [piece, value] of cutAppParameter(text).entries()) {
    new cdk.ssm.CfnParameter(construct, `Manifest-${piece}`, {
      name: appParameter(environment, manifest.name, piece),
      type: "String",
      value,
      description: `What the Tenon App ${manifest.name} declares`,
    });
  }
}
