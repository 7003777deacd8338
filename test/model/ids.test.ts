import { execFileSync } from "node:child_process";
import { buildSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { containerIdOf, isCallId, isContainerId, isInputId, newCallId, newContainerId, newInputId } from "../../src/model/ids.ts";

// Node 20 does not read TypeScript, so a process of its own needs it as JavaScript.
const SCRIPT = buildSync({
  stdin: { contents: 'import { newCallId } from "./src/model/ids.ts"; process.stdout.write(newCallId());', resolveDir: process.cwd() },
  bundle: true,
  platform: "node",
  format: "esm",
  write: false,
}).outputFiles[0]!.text;

describe("ids", () => {
  it("of a container can be made of a name that nothing else has", () => {
    expect(containerIdOf("2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef")).toBe("ta-abcdef0123456789abcdef");
    expect(containerIdOf("2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef")).toSatisfy(isContainerId);
    expect(containerIdOf("stream")).toSatisfy(isContainerId);
    expect(containerIdOf(undefined)).toSatisfy(isContainerId);
  });

  it("say by their prefix what they are of", () => {
    expect(newCallId()).toMatch(/^fc-[0-9A-Za-z]{22}$/);
    expect(newInputId()).toMatch(/^in-[0-9A-Za-z]{22}$/);
    expect(newContainerId()).toMatch(/^ta-[0-9A-Za-z]{22}$/);
  });

  it("are known by their own kind only", () => {
    expect([isCallId(newCallId()), isInputId(newInputId()), isContainerId(newContainerId())]).toEqual([true, true, true]);
    expect([isCallId(newInputId()), isInputId(newContainerId()), isContainerId(newCallId())]).toEqual([false, false, false]);
    expect([isCallId("fc-1"), isCallId(`${newCallId()}\n`), isCallId(undefined)]).toEqual([false, false, false]);
  });

  it("never repeat within a process, over several rounds of the counter", () => {
    const seen = new Set(Array.from({ length: 100_000 }, newCallId));
    expect(seen.size).toBe(100_000);
  });

  it("differ between processes", () => {
    const [one, other] = [0, 1].map(() => execFileSync(process.execPath, ["--input-type=module", "-e", SCRIPT], { encoding: "utf8" }));
    expect(one).toSatisfy(isCallId);
    expect(other).not.toBe(one);
    expect(other?.slice(0, 17)).not.toBe(one?.slice(0, 17));
  });
});
