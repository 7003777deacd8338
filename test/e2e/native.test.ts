import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "tenon";
import { RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { crc32 } from "node:zlib";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

const aws = await emulatedAws();

describeAws(aws)("an App with a native package on AWS", { timeout: 60_000 }, () => {
  let folder: string;
  let client: Client;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-native-"));
    writeFileSync(join(folder, "package.json"), '{"name":"user-app","type":"module"}');
    writeFileSync(
      join(folder, "app.ts"),
      'import { App } from "tenon";\nimport { crc32 } from "@node-rs/crc32";\nconst app = new App("native");\napp.function("crc", {}, async (text: string) => crc32(text));\n',
    );
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "@node-rs/crc32@1.10.6"], { cwd: folder });
    await deployOnAccount(aws.account, "test", join(folder, "app.ts"));
    actOn(aws.account);
    client = clientOf(aws.account);
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs its native part inside the container", async () => {
    const crc = RemoteFunction.fromName<(text: string) => Promise<number>>("native", "crc", { client });
    expect(await crc.remote("the whale")).toBe(crc32("the whale"));
  });
});
