import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bundleApp } from "../../src/bundle/index.ts";
import { ensureStateFolder } from "../../src/disk/state-folder.ts";
import { resolveStateDir } from "../../src/disk/state-dir.ts";
import { connectLocal } from "../../src/local/index.ts";
import { PermissionDeniedError } from "../../src/model/errors.ts";
import { tenonDir } from "../../src/util/package-dir.ts";

let project: string;
let stateDir: string;

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "tenon-state-folder-")));
  stateDir = join(project, ".tenon");
  writeFileSync(join(project, "package.json"), '{ "name": "a-project", "type": "module" }');
  writeFileSync(
    join(project, "app.ts"),
    'import { App } from "tenon";\nexport const app = new App("quiet");\napp.localEntrypoint({}, () => {});\n',
  );
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(project, { recursive: true, force: true });
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const isIgnored = (): boolean => readFileSync(join(stateDir, ".gitignore"), "utf8") === "*\n";
const run = (command: string, ...args: string[]): string => execFileSync(command, args, { cwd: project, encoding: "utf8" });

describe("the state folder", () => {
  it("is this user's alone and ignored by git after the first tenon run, before anything else has made it", () => {
    run(process.execPath, join(tenonDir(), "bin/tenon.js"), "run", "app.ts");
    expect(modeOf(stateDir)).toBe(0o700);
    run("git", "init", "--quiet");
    run("git", "add", "-A");
    expect(run("git", "diff", "--cached", "--name-only").trim().split("\n")).toEqual(["app.ts", "package.json"]);
  });

  it("is made so by the first one to make it: the bundler, the rows", async () => {
    await bundleApp({ entryFile: join(project, "app.ts"), stateDir, tenonDir: tenonDir() });
    expect([modeOf(stateDir), isIgnored()]).toEqual([0o700, true]);
    rmSync(stateDir, { recursive: true });
    await (await connectLocal({ stateDir })).close();
    expect([modeOf(stateDir), isIgnored()]).toEqual([0o700, true]);
  });

  it("is made so when it was there already", () => {
    mkdirSync(stateDir, { mode: 0o755 });
    const inner = ensureStateFolder(stateDir, "logs", "deeper");
    expect([modeOf(stateDir), isIgnored(), modeOf(inner)]).toEqual([0o700, true, 0o700]);
  });

  it("keeps a .gitignore of its user's", () => {
    mkdirSync(stateDir);
    writeFileSync(join(stateDir, ".gitignore"), "*.log\n");
    ensureStateFolder(stateDir);
    expect(readFileSync(join(stateDir, ".gitignore"), "utf8")).toBe("*.log\n");
  });

  it("is refused when others may write to it, since what lies in it is run", async () => {
    mkdirSync(stateDir);
    chmodSync(stateDir, 0o777);
    expect(() => ensureStateFolder(stateDir)).toThrow(PermissionDeniedError);
    const bundling = bundleApp({ entryFile: join(project, "app.ts"), stateDir, tenonDir: tenonDir() });
    await expect(bundling).rejects.toMatchObject({
      message: `Other users may write to the folder ${JSON.stringify(stateDir)}: its mode is 777. Tenon runs what lies in it, so only its owner may write to it.`,
      hint: expect.stringMatching(/^Remove it, or run chmod 700/),
    });
    expect(existsSync(join(stateDir, "bundles"))).toBe(false);
  });

  it("is refused when another user planted it in a folder above, with a package.json that leads there", async () => {
    const script = join(project, "scripts", "deep");
    mkdirSync(script, { recursive: true });
    mkdirSync(stateDir);
    const found = resolveStateDir({ from: script });
    expect(found).toBe(stateDir);
    // Only root may give a folder away, so this process says that it is another user.
    const owner = lstatSync(stateDir).uid;
    vi.spyOn(process, "getuid").mockReturnValue(owner + 1);
    expect(() => ensureStateFolder(found)).toThrow(PermissionDeniedError);
    await expect(connectLocal({ stateDir: found })).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringContaining(`${JSON.stringify(stateDir)} belongs to another user: uid ${owner}.`),
      hint: expect.stringContaining("TENON_STATE_DIR"),
    });
  });

  it("that can't be made is refused by name", () => {
    const file = join(project, "package.json");
    expect(() => ensureStateFolder(join(file, ".tenon"))).toThrow(/package\.json\/\.tenon" can't be written/);
  });

  it("that is a link to nowhere is refused by name", async () => {
    symlinkSync(join(project, "nonexistent", "x"), stateDir);
    expect(() => ensureStateFolder(stateDir, "state")).toThrow(PermissionDeniedError);
    await expect(connectLocal({ stateDir })).rejects.toMatchObject({
      message: expect.stringMatching(/^The state folder ".*" can't be written: ENOENT: no such file or directory\.$/),
      hint: "Set TENON_STATE_DIR to a folder that you may write to.",
    });
  });
});
