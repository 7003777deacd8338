import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Client } from "tenon";
import { FunctionTimeoutError, InternalFailure, ProcessExitError, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import type * as Killed from "../fixtures/killed-app.ts";
import { dispatcherName } from "../../src/model/aws-names.ts";
import { clientOptions } from "../helpers/account.ts";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { rounds } from "../helpers/rounds.ts";

const aws = await emulatedAws();

const CALLS = rounds(120, 500);
const AT_ONCE = 16;
const KILL_EVERY_MS = 250;
/** A slow machine must get on between two kills, or each of its containers dies before it answers. */
const ANSWERS_BETWEEN_KILLS = 4;

describeAws(aws)("durable calls on AWS while containers are killed", { timeout: 180_000 }, () => {
  let client: Client;
  let lambda: LambdaClient;
  let sweeps: NodeJS.Timeout;
  const fn = <T extends (...args: never[]) => Promise<unknown>>(name: string): RemoteFunction<T> =>
    RemoteFunction.fromName<T>("killed", name, { client }) as unknown as RemoteFunction<T>;

  /** What the rule does every five minutes: the same event, to the same function, here every three seconds. */
  const sweep = async (): Promise<void> => {
    const event = JSON.stringify({ sweep: ["double", "dies", "large", "blocks", "exits"] });
    await lambda.send(new InvokeCommand({ FunctionName: dispatcherName("test", "killed"), InvocationType: "Event", Payload: event }));
  };

  beforeAll(async () => {
    await deployOnAccount(aws.account, "test", join(import.meta.dirname, "../fixtures/killed-app.ts"));
    actOn(aws.account);
    client = clientOf(aws.account);
    lambda = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
    sweeps = setInterval(() => void sweep().catch(() => undefined), 3_000);
  }, 60_000);
  afterAll(async () => {
    clearInterval(sweeps);
    await client?.close();
    lambda?.destroy();
  });

  it(`loses none of ${CALLS}, and gives each its one result`, async () => {
    const double = fn<typeof Killed.double.local>("double");
    let kills = 0;
    let next = 0;
    const results = new Map<number, number>();
    let answered = 0;
    const killer = setInterval(() => {
      if (results.size - answered < ANSWERS_BETWEEN_KILLS) return;
      const pids = containersOf(aws.account.endpoint, "double");
      const victim = pids[Math.floor(Math.random() * pids.length)];
      if (victim === undefined || !kill(victim)) return;
      kills++;
      answered = results.size;
    }, KILL_EVERY_MS);
    const partition = async (): Promise<void> => {
      while (next < CALLS) {
        const n = next++;
        const call = await double.spawn(n);
        const result = await call.get({ timeoutMs: 120_000 });
        results.set(n, result);
        // It can be asked for again, and is the same.
        if (n % 50 === 0) expect(await call.get()).toBe(result);
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, partition));
    } finally {
      clearInterval(killer);
    }
    expect([...results].filter(([n, result]) => result !== n * 2)).toEqual([]);
    expect(results.size).toBe(CALLS);
    expect(kills).toBeGreaterThan(5);
    process.stdout.write(`${CALLS} durable calls, ${kills} containers killed\n`);
  });

  it("loses a body that takes more than its memoryMiB, again and again, and gives up", async () => {
    await expect(fn<() => Promise<never>>("hog").remote()).rejects.toMatchObject({
      name: InternalFailure.name,
      message: expect.stringContaining("memoryMiB"),
    });
  });

  it("end as InternalFailure when every container of theirs dies", async () => {
    const call = await fn<typeof Killed.dies.local>("dies").spawn();
    await expect(call.get({ timeoutMs: 120_000 })).rejects.toThrow(InternalFailure);
  });

  it("end with the right class when their body blocks, ends its process, or gives back 20 MB", async () => {
    const [blocked, exited, large] = await Promise.all([
      fn<typeof Killed.blocks.local>("blocks").spawn(),
      fn<() => Promise<never>>("exits").spawn(),
      fn<typeof Killed.large.local>("large").spawn(20 * 1_024 * 1_024),
    ]);
    await expect(blocked.get({ timeoutMs: 60_000 })).rejects.toThrow(FunctionTimeoutError);
    await expect(exited.get({ timeoutMs: 60_000 })).rejects.toThrow(ProcessExitError);
    const bytes = await large.get({ timeoutMs: 60_000 });
    expect({ length: bytes.length, first: bytes[0], last: bytes.at(-1) }).toEqual({ length: 20 * 1_024 * 1_024, first: 7, last: 7 });
  });
});

/** The processes that run a Function for the emulator at this endpoint. */
function containersOf(endpoint: string, name: string): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const variables = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
        return variables.includes(`AWS_ENDPOINT_URL=${endpoint}`) && variables.includes(`TENON_FUNCTION=${name}`);
      } catch {
        return false;
      }
    });
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
