// What the scripts share: rounds that measure the sides one after another, medians, ratios, one JSON file.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

/**
 * One thing to measure. It is opened once, measured in every round, and closed at the end.
 *
 * @typedef {object} Side
 * @property {() => Promise<Record<string, number>>} round One figure for each metric of the script.
 * @property {() => Promise<unknown>} close
 */

/**
 * What a figure means and what it must reach.
 *
 * @typedef {object} Metric
 * @property {string} key
 * @property {string} unit
 * @property {number} [ratioAtLeast] Tenon's figure over the peer's.
 * @property {number} [ratioAtMost] Tenon's figure over the peer's.
 * @property {number} [atMost] Tenon's own figure, where the target is not a ratio.
 */

/**
 * A script of this folder.
 *
 * @typedef {object} Bench
 * @property {string} name
 * @property {string} what
 * @property {string} peer The side that Tenon is compared with.
 * @property {readonly Metric[]} metrics
 * @property {Record<string, () => Promise<Side>>} sides Includes `tenon` and the peer. Any other is there for reference.
 */

const DEFAULT_ROUNDS = 7;

/**
 * Measures every side, with a warm-up round first and the order reversed from round to round, and writes
 * `out/<name>.json`. Options on the command line: `--rounds N`, `--sides a,b`, `--json`.
 *
 * @param {Bench} bench
 * @returns {Promise<void>}
 */
export async function measure(bench) {
  const { values } = parseArgs({
    options: { rounds: { type: "string" }, sides: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const rounds = values.rounds === undefined ? DEFAULT_ROUNDS : Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new RangeError(`--rounds is ${values.rounds}, expected a whole number from 1`);
  const names = values.sides?.split(",") ?? Object.keys(bench.sides);
  const unknown = names.filter((name) => bench.sides[name] === undefined);
  if (unknown.length > 0) throw new RangeError(`--sides has ${unknown.join(", ")}, allowed: ${Object.keys(bench.sides).join(", ")}`);

  /** @type {Map<string, Side>} */
  const open = new Map();
  /** @type {Record<string, Record<string, number[]>>} */
  const figures = Object.fromEntries(names.map((name) => [name, {}]));
  try {
    for (const name of names) open.set(name, await /** @type {() => Promise<Side>} */ (bench.sides[name])());
    for (let round = 0; round <= rounds; round++) {
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const found = await /** @type {Side} */ (open.get(name)).round();
        if (round === 0) continue;
        for (const [key, value] of Object.entries(found)) (/** @type {Record<string, number[]>} */ (figures[name])[key] ??= []).push(value);
      }
    }
  } finally {
    for (const side of open.values()) await side.close();
  }

  const report = summarize(bench, figures, rounds);
  mkdirSync(new URL("out/", import.meta.url), { recursive: true });
  writeFileSync(new URL(`out/${bench.name}.json`, import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
  console.log(values.json ? JSON.stringify(report) : render(report));
}

/**
 * Runs `task` `count` times, at most `width` at once, and gives the seconds it took.
 *
 * @param {number} count
 * @param {number} width
 * @param {(index: number) => Promise<unknown>} task
 * @returns {Promise<number>}
 */
export async function secondsFor(count, width, task) {
  let next = 0;
  const partition = async () => {
    while (next < count) await task(next++);
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: width }, partition));
  return (performance.now() - from) / 1_000;
}

/**
 * @param {readonly number[]} values
 * @returns {number}
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

// --- Internal helpers ---

/**
 * @param {Bench} bench
 * @param {Record<string, Record<string, number[]>>} figures
 * @param {number} rounds
 */
function summarize(bench, figures, rounds) {
  const metrics = bench.metrics.map((metric) => {
    const medians = Object.fromEntries(Object.entries(figures).map(([name, found]) => [name, median(found[metric.key] ?? [])]));
    const peer = figures[bench.peer]?.[metric.key];
    // A ratio within each round, so that other load on the machine affects both sides of it.
    const ratios = Object.fromEntries(
      Object.entries(figures)
        .filter(([name]) => name !== bench.peer && peer !== undefined)
        .map(([name, found]) => [name, median((found[metric.key] ?? []).map((value, round) => value / (peer?.[round] ?? Number.NaN)))]),
    );
    return {
      ...metric,
      medians,
      ratios,
      reached: reached(metric, medians["tenon"], ratios["tenon"]),
      rounds: Object.fromEntries(Object.entries(figures).map(([name, found]) => [name, found[metric.key] ?? []])),
    };
  });
  return { name: bench.name, what: bench.what, peer: bench.peer, rounds, cores: availableParallelism(), node: process.version, metrics };
}

/**
 * @param {Metric} metric
 * @param {number | undefined} own
 * @param {number | undefined} ratio
 * @returns {boolean | null} `null` when there was nothing to compare.
 */
function reached(metric, own, ratio) {
  if (metric.atMost !== undefined) return own === undefined ? null : own <= metric.atMost;
  if (ratio === undefined || (metric.ratioAtLeast === undefined && metric.ratioAtMost === undefined)) return null;
  return ratio >= (metric.ratioAtLeast ?? Number.NEGATIVE_INFINITY) && ratio <= (metric.ratioAtMost ?? Number.POSITIVE_INFINITY);
}

/**
 * @param {ReturnType<typeof summarize>} report
 * @returns {string}
 */
function render(report) {
  const lines = [`${report.name}: ${report.what}, medians of ${report.rounds} rounds, ${report.cores} cores, Node ${report.node}`];
  for (const metric of report.metrics) {
    lines.push(
      `  ${metric.key}, ${target(metric, report.peer)}${metric.reached === null ? "" : metric.reached ? ": reached" : ": MISSED"}`,
    );
    for (const [name, value] of Object.entries(metric.medians)) {
      const ratio = metric.ratios[name];
      lines.push(
        `    ${name.padEnd(12)}${format(value).padStart(12)} ${metric.unit.padEnd(8)}${ratio === undefined ? "" : `${ratio.toFixed(2)}×`}`,
      );
    }
  }
  return lines.join("\n");
}

/**
 * @param {Metric} metric
 * @param {string} peer
 */
function target(metric, peer) {
  if (metric.atMost !== undefined) return `target ≤ ${metric.atMost} ${metric.unit}`;
  if (metric.ratioAtLeast !== undefined) return `target ≥ ${metric.ratioAtLeast}× of ${peer}`;
  if (metric.ratioAtMost !== undefined) return `target ≤ ${metric.ratioAtMost}× of ${peer}`;
  return "for reference";
}

/** @param {number} value */
function format(value) {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 3 : value < 1_000 ? 1 : 0 });
}
