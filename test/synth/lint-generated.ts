import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type Finding, lint } from "../helpers/cfn-lint.ts";
import { generatedApp } from "./generated-apps.ts";
import { appTemplate, newFolder } from "./template.ts";

/** Rules whose findings are none here, each with the reason. */
const ACCEPTED: Readonly<Record<string, string>> = {
  E1029: "CloudFormation leaves ${…} alone outside of Fn::Sub, and here it is a user's own text",
};

/** What cfn-lint finds in the stacks of generated Apps, each with the App that has it; one run of it for all. */
export function lintGenerated(count: number, seed: number, mostFunctions = 40): readonly (Finding & { readonly app: string })[] {
  const folder = newFolder();
  const apps = new Map(
    fc.sample(generatedApp(mostFunctions), { numRuns: count, seed }).map(({ manifest, options }, i) => {
      const file = join(folder, `${i}.template.json`);
      writeFileSync(file, JSON.stringify(appTemplate(manifest, options)));
      return [file, JSON.stringify(manifest)];
    }),
  );
  return lint([...apps.keys()])
    .filter(({ rule }) => !(rule in ACCEPTED))
    .map((finding) => ({ ...finding, app: apps.get(finding.file) ?? "" }));
}
