import fc from "fast-check";
import { expect, it } from "vitest";
import type { Job } from "../../src/local/engine/job.ts";
import { JobQueue } from "../../src/local/engine/job-queue.ts";

it("does what a plain array does, in any order of operations", () => {
  let named = 0;
  const job = (): Job => ({ fn: `job ${named++}` }) as Job;
  const operation = fc.oneof(
    fc.record({ do: fc.constant("push" as const), count: fc.nat(40) }),
    fc.record({ do: fc.constant("shift" as const), count: fc.nat(40) }),
    fc.record({ do: fc.constant("unshift" as const), count: fc.nat(10) }),
    fc.record({ do: fc.constant("remove" as const), count: fc.nat(60) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120, size: "max" }), (operations) => {
      const queue = new JobQueue();
      let model: Job[] = [];
      for (const { do: what, count } of operations) {
        if (what === "push") {
          const added = Array.from({ length: count }, job);
          for (const one of added) queue.push(one);
          model.push(...added);
        } else if (what === "shift") {
          for (let i = 0; i < count && model.length > 0; i++) expect(queue.shift()).toBe(model.shift());
        } else if (what === "unshift") {
          const added = Array.from({ length: count }, job);
          queue.unshift(added);
          model = [...added, ...model];
        } else {
          const one = model[count];
          if (one === undefined) expect(queue.remove(job())).toBe(false);
          else expect(queue.remove(one)).toBe(true);
          if (one !== undefined) model.splice(count, 1);
        }
        expect(queue.size).toBe(model.length);
      }
      expect(queue.takeAll()).toEqual(model);
      expect(queue.size).toBe(0);
    }),
  );
});

it("does not grow with what has passed through it", () => {
  const queue = new JobQueue();
  const job = { fn: "f" } as Job;
  for (let i = 0; i < 100_000; i++) {
    queue.push(job);
    queue.push(job);
    queue.shift();
    queue.shift();
  }
  expect(queue.takeAll()).toEqual([]);
});
