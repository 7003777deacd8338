import { expect, it } from "vitest";
import { dataTable } from "../../src/model/aws-names.ts";
import { planApp, planRoles } from "../../src/synth/app-plan.ts";
import { manifestOf } from "./template.ts";

const objects = { dict: [{ name: "seen" }, { pattern: "user-*" }] };
const uses = { narrow: { dict: [{ name: "user-1" }] }, own: { dict: [{ name: "scratch" }] } };
const manifest = manifestOf({ count: {}, narrow: {}, own: {} }, { name: "shop", objects, uses });

it("plan names each Dict with where it lies, who may use it and what that costs", () => {
  const table = dataTable("dev");
  const price = "$0.63 a million puts of up to 800 bytes, $0.13 gets, $5.63 and $0.53 above 16 KiB";
  expect(planApp(manifest, "dev").objects).toEqual([
    { kind: "Dict", name: "scratch", becomes: `rows dict#scratch#* of ${table}`, functions: ["own"], price },
    { kind: "Dict", name: "seen", becomes: `rows dict#seen#* of ${table}`, functions: ["count"], price },
    { kind: "Dict", name: "user-*", becomes: `rows dict#user-*#* of ${table}`, functions: ["count"], price },
    { kind: "Dict", name: "user-1", becomes: `rows dict#user-1#* of ${table}`, functions: ["count", "narrow"], price },
  ]);
  expect(planApp(manifestOf({ count: {} }), "dev").objects).toEqual([]);
});

it("plan --iam has a role for each reach, and says whose it is", () => {
  expect(planRoles(manifest, "dev").map(({ who, may }) => [who, may.filter((line) => line.includes("dict#"))])).toEqual([
    ["count", [expect.stringMatching(/^read, write, remove, list rows dict#seen#\*, dict#user-\*#\*, dict#~\*#\* of the table /)]],
    ["narrow", [expect.stringMatching(/^read, write, remove, list rows dict#user-1#\*, dict#~\*#\* of /)]],
    ["own", [expect.stringMatching(/rows dict#scratch#\*, dict#~\*#\* of /)]],
    ["the dispatcher", []],
  ]);
});
