// Counts the tests of a Vitest JSON report: `node scripts/summary.js report.json`.
// Prints what failed and why tests were left out, then `N passed, N failed, N skipped` as the last line.
// Exits with 1 when a test failed or none ran.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const file = process.argv[2] ?? "";
const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { testResults: [] };

let passed = 0;
let failed = 0;
let skipped = 0;
for (const suite of report.testResults) {
  const path = relative(process.cwd(), suite.name);
  for (const { status, fullName } of suite.assertionResults) {
    if (status === "passed") passed++;
    else if (status === "failed") {
      failed++;
      console.log(`failed: ${path}: ${fullName}`);
    } else {
      skipped++;
      console.log(`skipped: ${path}: ${fullName}`);
    }
  }
  // A file that could not be loaded holds no tests; it counts as one that failed.
  if (suite.status === "failed" && !suite.assertionResults.some(({ status }) => status === "failed")) {
    failed++;
    console.log(`failed: ${path}: ${String(suite.message).split("\n")[0]}`);
  }
}

if (passed + failed === 0) console.log(`no test ran${existsSync(file) ? "" : `: there is no report ${file}`}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
