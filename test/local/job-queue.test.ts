import fc from "fast-check";
import { expect, it } from "vitest";
import type { Job } from "../../src/local/engine/job.ts";
import { JobQueue } from "../../src/local/engine/pool/job-queue.ts";

it("does what two plain arrays do, in any order of operations: what comes again is first", () => {
  let named = 0;
  const job = (isAgain = false): Job => ({ fn: `job ${named++}`, isAgain }) as Job;
  const operation = fc.oneof(
    fc.record({ do: fc.constant("push" as const), count: fc.nat(40) }),
    fc.record({ do: fc.constant("push again" as const), count: fc.nat(10) }),
    fc.record({ do: fc.constant("shift" as const), count: fc.nat(40) }),
    fc.record({ do: fc.constant("unshift" as const), count: fc.nat(10) }),
    fc.record({ do: fc.constant("remove" as const), count: fc.nat(60) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120, size: "max" }), (operations) => {
      const queue = new JobQueue();
      let again: Job[] = [];
      let fresh: Job[] = [];
      for (const { do: what, count } of operations) {
        if (what === "push" || what === "push again") {
          const added = Array.from({ length: count }, () => job(what === "push again"));
          for (const one of added) queue.push(one);
          (what === "push" ? fresh : again).push(...added);
        } else if (what === "shift") {
          for (let i = 0; i < count && again.length + fresh.length > 0; i++) expect(queue.shift()).toBe(again.shift() ?? fresh.shift());
        } else if (what === "unshift") {
          const added = Array.from({ length: count }, () => job());
          queue.unshift(added);
          again = [...added, ...again];
        } else {
          const one = [...again, ...fresh][count];
          expect(queue.remove(one ?? job())).toBe(one !== undefined);
          again = again.filter((other) => other !== one);
          fresh = fresh.filter((other) => other !== one);
        }
        expect(queue.size).toBe(again.length + fresh.length);
      }
      expect(queue.removeAll()).toEqual([...again, ...fresh]);
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
  expect(queue.removeAll()).toEqual([]);
});
