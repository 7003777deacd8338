import { expect, it } from "vitest";
import { planApp } from "../../src/synth/app-plan.ts";
import { callPrices, sumOf } from "../../src/synth/call-costs.ts";
import { manifestOf } from "./template.ts";

const MILLION = 1_000_000;
const body = { ms: 100, memoryMiB: 1_024 };
const rounded = (dollars: number): number => Number(dollars.toFixed(2));

// By hand, from the price pages: us-east-1, on demand, arm64.
it("a million calls cost what their requests, units, objects and log bytes cost", () => {
  const lambda = 0.2 + 0.1 * 13.3334;
  const rows = 5 * 0.625 + 9 * 0.125;
  expect(rounded(sumOf(callPrices(MILLION, { durable: false }, body)))).toBe(rounded(lambda));
  expect(rounded(sumOf(callPrices(MILLION, { durable: true }, body)))).toBe(rounded(lambda + rows));
  expect(rounded(sumOf(callPrices(MILLION, { durable: true, large: true }, body)))).toBe(rounded(lambda + rows + 0.125 + 2 * 5 + 2 * 0.4));
  expect(rounded(sumOf(callPrices(MILLION, { durable: true, queue: "fifo" }, body)))).toBe(rounded(lambda + rows + 3 * 0.5));
});

it("what an App keeps and what it does while nobody calls have the prices of the price pages", () => {
  const plan = planApp(manifestOf({ count: {} }, { objects: { dict: [{ name: "seen" }] } }), "dev");
  const dollarsOf = (words: RegExp): readonly number[] => plan.costs.filter(({ what }) => words.test(what)).map(({ dollars }) => dollars);
  expect(dollarsOf(/^rows of/)).toEqual([0.25, 0.25]);
  expect(dollarsOf(/point-in-time recovery/)).toEqual([0.2]);
  expect(dollarsOf(/^values in S3/)).toEqual([0.023]);
  expect(dollarsOf(/^logs/)).toEqual([0.5, 0.03]);
  expect(plan.prices.x86More).toBe(0.25);
  // By hand: five pollers ask every 20 s for 30 days. Every five minutes the dispatcher runs twice (it tells itself of the
  // Function), a message is sent, received and deleted, and a row and eight queries are read.
  expect(plan.idle.map(({ requestsPerMonth }) => requestsPerMonth)).toEqual([648_000, 2 * 8_640, 3 * 8_640, 9 * 8_640]);
  const dollars = [648_000 * 0.4, 2 * 8_640 * (0.2 + 0.2 * 0.5 * 13.3334), 3 * 8_640 * 0.4, 9 * 8_640 * 0.125];
  plan.idle.forEach(({ dollarsPerMonth }, i) => expect(dollarsPerMonth * MILLION).toBeCloseTo(dollars[i]!, 4));
});

it("plan prices what the App has, and nothing that it has not", () => {
  const costs = (...args: Parameters<typeof manifestOf>): readonly string[] =>
    planApp(manifestOf(...args), "dev").costs.map(({ what }) => what);
  const all = costs({ count: {}, fed: { maxContainers: 4 }, alone: { maxContainers: 1 } }, { objects: { dict: [{ name: "seen" }] } });
  expect(all.filter((what) => what.startsWith("a durable call of"))).toEqual([
    "a durable call of fed, in addition: its queue, which maxContainers takes",
    "a durable call of alone, in addition: its FIFO queue, which maxContainers takes",
  ]);
  expect(all).toEqual(
    expect.arrayContaining(["rows of Dicts", "point-in-time recovery of these rows", expect.stringContaining("for 31 days")]),
  );
  const generator = costs({ genWords: {} });
  expect(generator.filter((what) => /durable|Dict|queue/.test(what))).toEqual([]);
});

it("plan says the most that a call costs whose caller has gone, of the Function where that is most", () => {
  const { costs } = planApp(manifestOf({ small: { memoryMiB: 128 }, big: { memoryMiB: 10_240 }, long: { timeoutMs: 600_000 } }), "dev");
  const line = costs.find(({ per }) => per === "call");
  expect(line).toMatchObject({
    what: expect.stringContaining("of big whose caller has gone"),
    dollars: expect.closeTo(10 * 300 * 0.0000133334, 4),
  });
});
