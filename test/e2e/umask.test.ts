import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "tenon";
import { RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

const aws = await emulatedAws();

/** Reads a file of its App's, runs another, and says who it is. */
const APP = `import { execFileSync } from "node:child_process";
  import { readFileSync } from "node:fs";
  import { App } from "tenon";
  const app = new App("private", { files: ["data.txt", "tools"] });
  const at = (path: string) => new URL(path, import.meta.url);
  app.function("look", async () => ({
    text: readFileSync(at("./data.txt"), "utf8"),
    ran: execFileSync(at("./tools/say").pathname, { encoding: "utf8" }),
    user: process.getuid!(),
  }));
`;

describeAws(aws)("an App that is bundled under umask 077", { timeout: 60_000 }, () => {
  const umask = process.umask(0o077);
  const folder = mkdtempSync(join(tmpdir(), "tenon-umask-"));
  let client: Client;

  beforeAll(async () => {
    writeFileSync(join(folder, "package.json"), '{"name":"user-app","type":"module"}');
    writeFileSync(join(folder, "app.ts"), APP);
    writeFileSync(join(folder, "data.txt"), "the whale");
    mkdirSync(join(folder, "tools"));
    writeFileSync(join(folder, "tools/say"), "#!/bin/sh\necho call me Ishmael\n");
    chmodSync(join(folder, "tools/say"), 0o700);
    await deployOnAccount(aws.account, "test", join(folder, "app.ts"));
    actOn(aws.account);
    client = clientOf(aws.account);
  }, 60_000);
  afterAll(async () => {
    process.umask(umask);
    await client?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs as another user, and reads and runs its files", async (context) => {
    if (aws.account.shape?.files === "none") context.skip("functions run as this user here: it is not root");
    const look = RemoteFunction.fromName<() => Promise<{ text: string; ran: string; user: number }>>("private", "look", { client });
    const { user, ...seen } = await look.remote();
    expect(seen).toEqual({ text: "the whale", ran: "call me Ishmael\n" });
    expect(user).not.toBe(process.getuid?.());
  });
});
