import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../cli/bin.ts";

it("docs/costs.md has the table of calls that the numbers of plan give", async () => {
  const { callTable } = (await import("../../scripts/call-costs.js")) as { readonly callTable: () => Promise<string> };
  const page = readFileSync(join(ROOT, "docs/costs.md"), "utf8");
  expect(page.split("<!-- table: calls -->\n")[1]?.split("<!-- end -->")[0]).toBe(await callTable());
});
