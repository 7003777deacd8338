import assert from "node:assert/strict";
import test from "node:test";
import { runForTest } from "tenon/testing";
import { app, count } from "./words-app.js";

await test("words are counted", async () => {
  const run = await runForTest(app);
  assert.equal(await count.remote("to be or not to be"), 6);
  assert.deepEqual(
    run.logs.map((line) => line.text),
    ["counting 18 characters"],
  );
  await run.close();
});
