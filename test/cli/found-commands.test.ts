import { expect, test } from "vitest";
import { isGroup, TENON_COMMANDS } from "../../src/cli/commands/catalog.ts";
import { withFoundCommands } from "../../src/cli/kit/command-text.ts";
import { renderError } from "../../src/cli/render/render-error.ts";
import { NotFoundError } from "../../src/model/errors.ts";
import { captureIo, tenon } from "./run-cli.ts";

const NPX = { npm_command: "exec" };
const hinted = (hint: string, env: Record<string, string>, json = false): string => {
  const io = captureIo({ env });
  renderError(io, new NotFoundError("Gone.", { hint }), { json, verbose: false });
  return io.stderr();
};

test("a hint of any layer names commands as this one was found", () => {
  const hint = "Run tenon destroy -e dev big and `tenon destroy -e dev small` first.";
  expect(hinted(hint, NPX)).toBe("error: Gone.\nhint: Run npx tenon destroy -e dev big and `npx tenon destroy -e dev small` first.\n");
  expect(hinted(hint, {})).toBe(`error: Gone.\nhint: ${hint}\n`);
  expect(hinted("Run npx tenon env deploy.", NPX)).toContain("hint: Run npx tenon env deploy.\n");
  expect(hinted("Run tenon app list.", NPX, true)).toContain('"hint":"Run npx tenon app list."');
  expect(hinted("Install tenon again, remove tenon-dev or ./tenon deploy.", NPX)).not.toContain("npx");
});

test("so does that of a command typed wrongly", async () => {
  const { stderr } = await tenon(["env", "destroy", "nosuch"], { env: NPX });
  expect(stderr).toContain("hint: Run npx tenon env destroy --help.\n");
});

test("who types app start is told that deploy starts an App again", async () => {
  const { code, stderr } = await tenon(["app", "start", "shop"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `error: Unknown command: "start".\nhint: Run tenon deploy with the App's file, which starts a stopped App again.\n`,
  });
});

test("every command is known to be one", () => {
  const names = TENON_COMMANDS.map((entry) => (isGroup(entry) ? entry.noun : entry.spec.name));
  expect(names.map((name) => withFoundCommands(`Run tenon ${name}.`, NPX))).toEqual(names.map((name) => `Run npx tenon ${name}.`));
});
