// Counts the tests of Vitest's JSON reports: `node scripts/summary.js report.json [another.json…]`.
// Prints what failed and why tests were skipped, then `N passed, N failed, N skipped` over all of them as the last line.
// A report may have a title: `title=report.json`. Exits with 1 when a test failed, or none ran in one of them.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

let passed = 0;
let failed = 0;
let skipped = 0;
let empty = false;

function count({ testResults }, title) {
  let ran = 0;
  const say = (what, suite, text) => console.log(`${what}: ${title}${relative(process.cwd(), suite.name)}: ${text}`);
  for (const suite of testResults) {
    for (const { status, fullName, meta } of suite.assertionResults) {
      if (status === "passed") passed++;
      else if (status === "failed") {
        failed++;
        say("failed", suite, fullName);
      } else {
        skipped++;
        say("skipped", suite, meta?.note === undefined ? fullName : `${fullName} (${meta.note})`);
      }
      if (status === "passed" || status === "failed") ran++;
    }
    // A file that could not be loaded holds no tests. It counts as one failed test.
    if (suite.status === "failed" && !suite.assertionResults.some(({ status }) => status === "failed")) {
      failed++;
      ran++;
      say("failed", suite, String(suite.message).split("\n")[0]);
    }
  }
  return ran;
}

for (const argument of process.argv.slice(2)) {
  const [, title, file] = /^(?:(\w+)=)?(.*)$/s.exec(argument);
  const there = existsSync(file);
  const ran = there ? count(JSON.parse(readFileSync(file, "utf8")), title === undefined ? "" : `${title}: `) : 0;
  if (ran > 0) continue;
  empty = true;
  console.log(`${title === undefined ? "" : `${title}: `}no test ran${there ? "" : `: there is no report ${file}`}`);
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 || empty ? 1 : 0;
