import { ENVIRONMENT_VERSION_VARIABLE, environmentLack } from "../../model/environment-version.ts";
import { needVariable } from "./environment.ts";

/**
 * The line of the log that says that this App was deployed into an environment that is too old for it; `undefined` when it
 * was not. It is no refusal: CloudFormation reads the version again only when the App's template changes, so the
 * environment may be newer by now.
 */
export function oldEnvironmentLine(variables: Readonly<Record<string, string | undefined>>, nowMs: number): string | undefined {
  const lack = environmentLack(Number(needVariable(variables, ENVIRONMENT_VERSION_VARIABLE)));
  if (lack === undefined) return undefined;
  const environment = needVariable(variables, "TENON_ENVIRONMENT");
  const text = `The environment "${environment}" was too old when this App was deployed. ${lack}. Run tenon env deploy -e ${environment}, and deploy the App again.`;
  return `${JSON.stringify({ t: nowMs, stream: "system", text })}\n`;
}
