// The table of docs/costs.md of what a million calls cost: reckoned from the numbers that `tenon plan` has, beside what others ask.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MILLION = 1_000_000;
/** What is called: a Function with the usual memory that takes so long. */
const BODY = { ms: 100, memoryMiB: 1_024 };
/** A large value, of which a call has two. */
const LARGE_KIB = 64;
const GB = 2 ** 30;
/** Lambda gives a function of 1,769 MB one vCPU, which is half a physical core. */
const CORES = BODY.memoryMiB / 1_769 / 2;

/** USD, us-east-1, 2026: aws.amazon.com/step-functions/pricing, Express, first tier; time in steps of 100 ms, memory in steps of 64 MB. */
const EXPRESS = { request: 1 / MILLION, gbSecond: 0.000_016_67, memoryGb: 64 / 1_024 };
/** USD, modal.com/pricing on 27 June 2026 (as www.beam.cloud/blog/modal-pricing-explained has it): base price, no region chosen. */
const MODAL = { coreSecond: 0.000_013_1, gibSecond: 0.000_002_22 };

/** The rows of the table, as Markdown. */
export async function callTable() {
  const { callPrices, PRICES, sumOf, S3_DAYS } = await load();
  const of = (kind) => callPrices(MILLION, kind, BODY);
  const lambda = of({ durable: false });
  const requests = MILLION * 3 * PRICES.sqsRequest;
  const express = MILLION * (EXPRESS.request + (BODY.ms / 1_000) * EXPRESS.memoryGb * EXPRESS.gbSecond);
  const seconds = MILLION * (BODY.ms / 1_000);
  const modal = { cores: seconds * CORES * MODAL.coreSecond, memory: seconds * (BODY.memoryMiB / 1_024) * MODAL.gibSecond };
  const kept = ((MILLION * 2 * LARGE_KIB * 1_024) / GB) * PRICES.s3GbMonth * (S3_DAYS / 30);
  const tenon = (name, prices, more = 0, note = "") => [name, sum(prices.lambda), rest(prices), sum(sumOf(prices) + more), note];
  const other = (name, by, note) => {
    const { Lambda = null, ...beside } = by;
    const words = Object.entries(beside).map(([what, dollars]) => `${what} ${sum(dollars)}`);
    const total = Object.values(by).reduce((all, dollars) => all + dollars, 0);
    return [name, Lambda === null ? "-" : sum(Lambda), words.join(", "), sum(total), note];
  };
  const { lambda: Lambda } = lambda;
  const rows = [
    tenon("`remote`", lambda),
    tenon("`map`, for each input", lambda),
    tenon("`remoteGen`", lambda, 0, "up to 6 MB an answer"),
    tenon("`spawn`, small, and `get`", of({ durable: true })),
    tenon(
      "`spawn`, large, and `get`",
      of({ durable: true, large: true }),
      kept,
      `of which S3 keeps the values for ${S3_DAYS} days: ${sum(kept)}`,
    ),
    tenon("`spawn`, small, `maxContainers: 10`", of({ durable: true, queue: "standard" })),
    tenon("`spawn`, small, `maxContainers: 1`", of({ durable: true, queue: "fifo" })),
    other(
      "Step Functions Express and Lambda",
      { Lambda, workflows: express },
      "one state that invokes; the caller waits, and nothing is kept",
    ),
    other("SQS and Lambda by hand", { Lambda, queue: requests }, "a message for each call, batches of one; no outcome is kept"),
    other(
      "Modal, base price",
      { cores: modal.cores, memory: modal.memory },
      "while the body runs; idle containers are paid too, until they are scaled down",
    ),
  ];
  return table(["call", "Lambda", "beside it", "together", "note"], rows);
}

// --- Internal helpers ---

function sum(dollars) {
  return `$${dollars.toFixed(2)}`;
}

function rest({ rows, objects, queue }) {
  const parts = { rows, objects, queue };
  return Object.entries(parts)
    .filter(([, dollars]) => dollars > 0)
    .map(([name, dollars]) => `${name} ${sum(dollars)}`)
    .join(", ");
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}

async function load() {
  const folder = join(ROOT, ".tenon");
  mkdirSync(folder, { recursive: true });
  const outdir = mkdtempSync(join(folder, "call-costs-"));
  const contents = `
    import { AWS_CALL_ROW_MS } from "./src/adapters/calls/limits.ts";
    export { callPrices, sumOf } from "./src/synth/call-costs.ts";
    export { PRICES } from "./src/synth/prices.ts";
    export const S3_DAYS = AWS_CALL_ROW_MS / (24 * 60 * 60 * 1_000) + 1;`;
  try {
    const stdin = { contents, resolveDir: ROOT, loader: "ts" };
    await build({ stdin, bundle: true, outdir, format: "esm", platform: "node", outExtension: { ".js": ".mjs" } });
    return await import(pathToFileURL(join(outdir, "stdin.mjs")).href);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
