// Writes the tables of docs/fidelity.md from docs/promises.json and localstack/gaps.json: `node scripts/fidelity.js [--check]`.
// With --check it writes nothing, and exits with 1 if the tables do not match the data.
import { readFileSync, writeFileSync } from "node:fs";
import { AWS_SUITES } from "./aws-suites.js";

const PAGE = new URL("../docs/fidelity.md", import.meta.url);
const PROMISES = new URL("../docs/promises.json", import.meta.url);
const GAPS = new URL("../localstack/gaps.json", import.meta.url);
const EMULATORS = ["ministack", "localstack"];
/** What `npm run test:aws` runs. */
const REAL_ACCOUNT_SUITES = Object.values(AWS_SUITES);

const read = (url) => JSON.parse(readFileSync(url, "utf8"));
const gaps = new Map(read(GAPS).map((gap) => [gap.id, gap]));

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function tests(files) {
  return files.map((file) => `\`${file}\``).join(", ");
}

/** The row of a promise: the tests that show it on each backend, or what happens there instead. */
function promiseRow({ promise, local, aws, gap: id, note, offline = false }) {
  const gap = id === undefined ? undefined : gaps.get(id);
  if (id !== undefined && gap === undefined) throw new RangeError(`docs/promises.json names the gap "${id}", which is no row of gaps.json`);
  const here = gap?.local ?? (typeof local === "string" ? local : tests(local));
  const told = note === undefined ? promise : `${promise} (${note})`;
  if (typeof aws === "string") return [told, here, aws, aws, aws];
  if (offline) return [told, here, ...[...EMULATORS, "aws"].map(() => `in the template: ${tests(aws)}`)];
  const on = (emulator, shown) => {
    const instead = gap?.emulators[emulator];
    return instead === undefined ? shown : `no: ${instead} (\`${id}\`)`;
  };
  const account = gap?.aws ?? (REAL_ACCOUNT_SUITES.some((suite) => aws.includes(suite)) ? "`npm run test:aws`, never run" : "never run");
  return [told, here, on("ministack", tests(aws)), on("localstack", "the same"), gap?.aws === undefined ? account : `no: ${account}`];
}

/** The row of a gap: what each backend does instead. AWS is the measure, so it has the gap only if the row says so. */
function gapRow({ id, what, local, aws, emulators }) {
  const instead = EMULATORS.map((emulator) => emulators[emulator] ?? "yes");
  return [`\`${id}\``, what, local ?? "yes", ...instead, aws ?? "by AWS's word; never tried"];
}

const TABLES = {
  promises: table(["promise", "local backend", "MiniStack", "LocalStack", "AWS"], read(PROMISES).map(promiseRow)),
  gaps: table(["gap", "what", "local backend", "MiniStack", "LocalStack", "AWS"], [...gaps.values()].map(gapRow)),
};

const before = readFileSync(PAGE, "utf8");
let page = before;
for (const [name, text] of Object.entries(TABLES)) {
  const marked = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(<!-- end of table -->)`);
  if (!marked.test(page)) throw new RangeError(`docs/fidelity.md has no place for the table "${name}"`);
  page = page.replace(marked, (_, start, end) => `${start}${text}\n${end}`);
}
if (process.argv.includes("--check")) {
  if (page !== before) {
    console.error("docs/fidelity.md is not what docs/promises.json and localstack/gaps.json say: node scripts/fidelity.js writes it.");
    process.exitCode = 1;
  }
} else writeFileSync(PAGE, page);
