// A CDK app, as fast as its options make it, of as many `NodejsFunction`s as the first argument says, with the body that Tenon's side has; the second is its folder.
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { App, Stack } = require("aws-cdk-lib");
const { NodejsFunction } = require("aws-cdk-lib/aws-lambda-nodejs");

const [count, folder] = process.argv.slice(2);
const root = fileURLToPath(new URL("../..", import.meta.url));
const app = new App({
  outdir: join(String(folder), "cdk.out"),
  analyticsReporting: false,
  treeMetadata: false,
  builtinCloudFormationValidation: false,
});
const stack = new Stack(app, "Fifty");
mkdirSync(String(folder), { recursive: true });
for (let i = 0; i < Number(count); i++) {
  // A file each: CDK takes one bundle for two functions of the same file.
  const entry = join(String(folder), `f${i}.ts`);
  writeFileSync(entry, `export const handler = async (n: number) => n + ${i};\n`);
  new NodejsFunction(stack, `F${i}`, {
    entry,
    projectRoot: root,
    depsLockFilePath: join(root, "package-lock.json"),
    bundling: { minify: true },
  });
}
app.synth();
