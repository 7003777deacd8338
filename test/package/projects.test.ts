import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { type Installed, installPacked } from "./installed.ts";

// Only says whether an emulator runs here: the user's project starts its own.
const aws = await emulatedAws();
await (aws.missing ? undefined : aws.account.stop());

let user: Installed;
beforeAll(() => {
  user = installPacked("aws-cdk@2.1148.1", "ts-node@10.9.2", "typescript@5.9", "vitest@4.1");
});
afterAll(() => user.remove());

describeAws(aws)("a user's project with the packed package and Vitest", () => {
  test("tests a deployed App on the emulated AWS that comes with it", () => {
    cpSync(join(import.meta.dirname, "../../examples/testing"), join(user.folder, "testing"), { recursive: true });
    expect(user.run("npx", ["--no-install", "vitest", "run", "--root", "testing"])).toMatch(/3 passed/);
  });
});

// A CDK project as `cdk init` makes them: CommonJS, its TypeScript run by ts-node, synthesized by the CDK's own command.
describe("a CommonJS CDK project under ts-node", () => {
  let folder: string;
  beforeAll(() => {
    folder = join(user.folder, "infra");
    mkdirSync(join(folder, "bin"), { recursive: true });
    symlinkSync("../node_modules", join(folder, "node_modules"));
    user.write("infra/package.json", JSON.stringify({ name: "infra", private: true, type: "commonjs" }));
    user.write("infra/cdk.json", JSON.stringify({ app: "npx --no-install ts-node --prefer-ts-exts bin/infra.ts" }));
    user.write(
      "infra/jobs.ts",
      `import { App } from "tenon";
      export const app = new App("jobs");
      export const double = app.function("double", async (n: number) => n * 2);`,
    );
    user.write(
      "infra/bin/infra.ts",
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

  test.each([
    ["NodeNext", "NodeNext"],
    ["CommonJS", "node10"],
  ])("with module %s goes from npm pack to synth", (module, moduleResolution) => {
    const compilerOptions = {
      target: "ES2022",
      lib: ["es2022"],
      module,
      moduleResolution,
      strict: true,
      esModuleInterop: true,
      skipLibCheck: true,
    };
    user.write("infra/tsconfig.json", JSON.stringify({ compilerOptions }));
    const output = `out-${module}`;
    user.run("npx", ["--no-install", "cdk", "synth", "--quiet", "--output", output], folder);
    const { Resources } = JSON.parse(readFileSync(join(folder, output, "Infra.template.json"), "utf8")) as {
      Resources: Readonly<Record<string, { readonly Type: string }>>;
    };
    // One Function and the dispatcher.
    expect(Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function")).toHaveLength(2);
  });
});
