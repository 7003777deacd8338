import type { TestContext } from "vitest";
import { beforeAll, expect, test } from "vitest";
import { zip } from "../../src/testing/zip.ts";
import { createFunction, invoke } from "../helpers/account.ts";
import { describeAws } from "../helpers/emulator.ts";
import type { EmulatedAws } from "../helpers/emulator.ts";

const PROBE = "tenon-test-shape";
const NEIGHBOUR = "tenon-test-shape-too";

/** Does what the event says; `ticks` counts by itself, `connect` leaves a connection open. */
const SOURCE = `
  import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
  import { connect } from "node:net";
  import { homedir, tmpdir } from "node:os";
  import { getHeapStatistics } from "node:v8";
  const codeOf = (act) => { try { return act(); } catch (error) { return error.code; } };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const hold = async (mebibytes) => {
    const held = [];
    while (held.length < mebibytes / 8) { held.push(Buffer.alloc(8 << 20, 1)); await pause(1); }
    return held.length;
  };
  let ticks = 0;
  setInterval(() => { ticks++; }, 20);
  let ended = false;
  const asked = {
    user: () => ({ uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(), home: homedir() }),
    place: () => ({ cwd: process.cwd(), write: codeOf(() => writeFileSync("index.mjs", "")), make: codeOf(() => writeFileSync("made", "")) }),
    read: () => ["open.txt", "link.txt", "private.txt"].map((name) => codeOf(() => readFileSync(name, "utf8"))),
    variables: () => Object.keys(process.env).toSorted(),
    files: () => {
      const open = [];
      const code = codeOf(() => { for (;;) open.push(openSync("/dev/null")); });
      for (const descriptor of open) closeSync(descriptor);
      return [code, open.length];
    },
    tmp: () => { const before = readdirSync(tmpdir()); writeFileSync(tmpdir() + "/left", ""); return before; },
    exit: () => process.exit(1),
    ticks: () => ticks,
    connect: async () => {
      const { hostname, port } = new URL(process.env.AWS_ENDPOINT_URL);
      const socket = connect(port, hostname);
      socket.on("end", () => { ended = true; });
      await new Promise((resolve) => socket.on("connect", resolve));
      return ended;
    },
    ended: async () => { await pause(100); return ended; },
    heap: () => getHeapStatistics().heap_size_limit / (1 << 20),
    some: () => hold(120),
    hog: () => hold(512),
  };
  export const handler = async ({ what }) => asked[what]();`;

/** Notes each init, which takes as long as it is told to. */
const SLOW_INIT = `
  import { appendFileSync, readFileSync } from "node:fs";
  import { tmpdir } from "node:os";
  const inits = tmpdir() + "/inits";
  appendFileSync(inits, "init\\n");
  await new Promise((resolve) => setTimeout(resolve, process.env.INIT_MS));
  export const handler = async (event, context) => [readFileSync(inits, "utf8"), context.getRemainingTimeInMillis()];`;

/** How an environment of Lambda is shaped, whichever emulator runs it. */
export function testShape(aws: EmulatedAws): void {
  describeAws(aws)("an environment of Lambda", () => {
    const ask = async (what: string) => (await invoke(aws.account, PROBE, { what })).value;
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

    /** Leaves a test out where functions have less of the shape than that. */
    function needs(context: TestContext, least: "user" | "mounts"): void {
      const files = aws.account.shape?.files;
      if (files === "none" || (least === "mounts" && files !== "mounts"))
        context.skip(`functions have only the shape "${files}" here: it needs root${least === "mounts" ? " that may mount" : ""}`);
    }

    beforeAll(async () => {
      const options = {
        MemorySize: 256,
        Code: {
          ZipFile: zip({
            "index.mjs": SOURCE,
            "open.txt": "for all",
            "link.txt": { data: "open.txt", mode: 0o120777 },
            "private.txt": { data: "for the owner", mode: 0o600 },
          }),
        },
      };
      for (const name of [PROBE, NEIGHBOUR]) await createFunction(aws.account, name, "", options);
    });

    test("has a user of its own, whose home is not there", async (context) => {
      needs(context, "user");
      expect(await ask("user")).toEqual({ uid: 993, gid: 990, groups: [990], home: expect.stringMatching(/\bsbx_user1051$/) });
    });

    test("can't write its code", async (context) => {
      needs(context, "mounts");
      expect(await ask("place")).toEqual({ cwd: "/var/task", write: "EROFS", make: "EROFS" });
    });

    test("reads its code through links, and not a file that its zip keeps to the owner", async (context) => {
      needs(context, "user");
      expect(await ask("read")).toEqual(["for all", "for all", "EACCES"]);
    });

    test("has the variables of Lambda's, and none of this machine", async (context) => {
      needs(context, "mounts");
      const own = await ask("variables");
      expect(own).toEqual(expect.arrayContaining(["AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT", "LANG", "PATH", "TZ", "_HANDLER"]));
      expect(own.filter((name: string) => !/^(AWS_|LAMBDA_|_|TENON_RUNTIME_SECRET$|LANG$|NODE_PATH$|PATH$|PWD$|TZ$)/.test(name))).toEqual(
        [],
      );
    });

    test("has 1,024 descriptors", async () => {
      const [code, opened] = await ask("files");
      expect(code).toBe("EMFILE");
      expect(opened).toBeGreaterThan(900);
      expect(opened).toBeLessThan(1024);
    });

    test("has a /tmp of its own, and finds it again in a process that follows", async (context) => {
      needs(context, "mounts");
      expect(await ask("tmp")).toEqual([]);
      expect(await ask("exit")).toMatchObject({ errorType: "Runtime.ExitError" });
      expect(await ask("tmp")).toEqual(["left"]);
      expect((await invoke(aws.account, NEIGHBOUR, { what: "tmp" })).value).toEqual([]);
    });

    test("stands still between two calls", async () => {
      const before = await ask("ticks");
      await pause(1_000);
      // It would have ticked 50 times.
      expect((await ask("ticks")) - before).toBeLessThan(20);
    });

    test("finds a connection closed that it has kept open over a pause", async (context) => {
      if (process.platform !== "linux") context.skip("only Linux says whose a connection is");
      expect(await ask("connect")).toBe(false);
      await pause(1_000);
      expect(await ask("ended")).toBe(true);
    });

    test("has nine tenths of its memory for the heap of Node", async () => {
      // Beside it Node has room for young objects.
      expect(await ask("heap")).toBeGreaterThan(230);
      expect(await ask("heap")).toBeLessThan(300);
    });

    test("is ended when it takes more than its memory, and the next call has another process", async () => {
      expect(await ask("some")).toBe(15);
      expect(await ask("hog")).toMatchObject({
        errorType: "Runtime.OutOfMemory",
        errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: signal: killed$/),
      });
      expect(await ask("ended")).toBe(false);
    });

    test("has 10 s for its init, which then runs again in the time of the first call", async () => {
      const inits = {
        "tenon-test-init": [3, "5000"],
        "tenon-test-slow-init": [15, "11000"],
        "tenon-test-slower-init": [3, "11000"],
      } as const;
      for (const [name, [Timeout, INIT_MS]] of Object.entries(inits))
        // prettier-ignore
        await createFunction(aws.account, name, SLOW_INIT, { Timeout, Environment: { Variables: { INIT_MS } } });
      const [whole, inTime, late] = await Promise.all(Object.keys(inits).map((name) => invoke(aws.account, name)));
      expect(whole!.value).toEqual(["init\n", expect.any(Number)]);
      expect(inTime!.value).toEqual(["init\ninit\n", expect.any(Number)]);
      expect(inTime!.value[1]).toBeLessThan(5_000);
      expect(late!.value).toMatchObject({ errorType: "Sandbox.Timedout", errorMessage: expect.stringMatching(/after 3.00 seconds$/) });
    });
  });
}
