import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Installed, installPacked } from "./installed.ts";

// A CDK project as `cdk init` makes them: CommonJS, its TypeScript run by ts-node, synthesized by the CDK's own command.
let user: Installed;
beforeAll(() => {
  user = installPacked("aws-cdk@2.1148.1", "ts-node@10.9.2", "typescript@5.9");
  mkdirSync(join(user.folder, "bin"));
  user.write("package.json", JSON.stringify({ ...JSON.parse(readFileSync(join(user.folder, "package.json"), "utf8")), type: "commonjs" }));
  user.write("cdk.json", JSON.stringify({ app: "npx --no-install ts-node --prefer-ts-exts bin/infra.ts" }));
  user.write(
    "jobs.ts",
    `import { App } from "tenon";
    export const app = new App("jobs");
    export const double = app.function("double", async (n: number) => n * 2);`,
  );
  user.write(
    "bin/infra.ts",
    `import * as cdk from "aws-cdk-lib";
    import { AppConstruct } from "tenon/cdk";
    class Infra extends cdk.Stack {
      constructor(scope: cdk.App, id: string) {
        super(scope, id);
        const jobs: AppConstruct = new AppConstruct(this, "Jobs", { environment: "dev", entry: "./jobs.ts" });
        new cdk.CfnOutput(this, "Double", { value: jobs.functions["double"]!.functionName });
      }
    }
    new Infra(new cdk.App(), "Infra");`,
  );
});
afterAll(() => user.remove());

test.each([
  ["NodeNext", "NodeNext"],
  ["CommonJS", "node10"],
])("a CommonJS CDK project under ts-node with module %s goes from npm pack to synth", (module, moduleResolution) => {
  const compilerOptions = {
    target: "ES2022",
    lib: ["es2022"],
    module,
    moduleResolution,
    strict: true,
    esModuleInterop: true,
    skipLibCheck: true,
  };
  user.write("tsconfig.json", JSON.stringify({ compilerOptions }));
  const output = `out-${module}`;
  user.run("npx", ["--no-install", "cdk", "synth", "--quiet", "--output", output]);
  const { Resources } = JSON.parse(readFileSync(join(user.folder, output, "Infra.template.json"), "utf8")) as {
    Resources: Readonly<Record<string, { readonly Type: string }>>;
  };
  // One Function and the dispatcher.
  expect(Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function")).toHaveLength(2);
});
