import { describe, expect, it } from "vitest";
import { resolveFunctionOptions } from "../../src/model/function-options.ts";
import type { FunctionOptions } from "../../src/model/function-options.ts";
import { refusal } from "./refusal.ts";

const resolve = (options?: unknown) => resolveFunctionOptions("count", "function", options as FunctionOptions);

/** The message of a refusal without its beginning, and its hint. */
function refused(options: unknown): [string, string | undefined] {
  const { message, hint } = refusal(() => resolve(options));
  return [message.replace(/^Function "count": /, ""), hint];
}

describe("a Function's options", () => {
  it("have the defaults that their documentation gives", () => {
    expect(resolve()).toEqual({
      name: "count",
      kind: "function",
      timeoutMs: 300_000,
      startupTimeoutMs: 300_000,
      memoryMiB: 1_024,
      cpu: 0.125,
      retries: { maxRetries: 0, backoffCoefficient: 1, initialDelayMs: 1_000, maxDelayMs: 60_000 },
      env: {},
      minContainers: 0,
      maxContainers: null,
      bufferContainers: 0,
      scaledownWindowMs: 60_000,
      singleUseContainers: false,
    });
  });

  it("all arrive in the spec, which is JSON", () => {
    const options = {
      timeoutMs: 1_000,
      startupTimeoutMs: 86_400_000,
      memoryMiB: 128,
      cpu: 2.5,
      env: { LOG_LEVEL: "debug", EMPTY: "" },
      minContainers: 4_000,
      maxContainers: 4_000,
      bufferContainers: 1,
      scaledownWindowMs: 1_200_000,
      singleUseContainers: true,
    } satisfies FunctionOptions;
    const spec = resolve({ ...options, retries: 2 });
    expect(spec).toMatchObject({ ...options, retries: { maxRetries: 2, backoffCoefficient: 1 } });
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  it("given as undefined take their default", () => {
    expect(resolve({ timeoutMs: undefined, env: undefined, maxContainers: undefined, retries: undefined })).toEqual(resolve());
  });

  it("let start-up take as long as the timeout, unless told otherwise", () => {
    expect(resolve({ timeoutMs: 5_000 })).toMatchObject({ startupTimeoutMs: 5_000 });
  });

  it("are copied: a later change of the object changes nothing", () => {
    const env = { AB: "1" };
    const spec = resolve({ env });
    env.AB = "2";
    expect(spec.env).toEqual({ AB: "1" });
  });

  it.each<[string, unknown, string]>([
    ["timeoutMs", 999, "timeoutMs is 999. It must be an integer from 1,000 to 86,400,000 milliseconds."],
    ["timeoutMs", 86_400_001, "timeoutMs is 86,400,001. It must be an integer from 1,000 to 86,400,000 milliseconds."],
    ["timeoutMs", 1_000.5, "timeoutMs is 1,000.5. It must be an integer from 1,000 to 86,400,000 milliseconds."],
    ["timeoutMs", null, "timeoutMs is null. It must be an integer from 1,000 to 86,400,000 milliseconds."],
    ["timeoutMs", "5s", 'timeoutMs is "5s". It must be an integer from 1,000 to 86,400,000 milliseconds.'],
    ["startupTimeoutMs", 0, "startupTimeoutMs is 0. It must be an integer from 1,000 to 86,400,000 milliseconds."],
    ["memoryMiB", 127, "memoryMiB is 127. It must be an integer from 128 to 122,880 MiB."],
    ["memoryMiB", 122_881, "memoryMiB is 122,881. It must be an integer from 128 to 122,880 MiB."],
    ["cpu", 0, "cpu is 0. It must be a number above 0 and at most 16 cores."],
    ["cpu", 17, "cpu is 17. It must be a number above 0 and at most 16 cores."],
    ["cpu", Number.NaN, "cpu is NaN. It must be a number above 0 and at most 16 cores."],
    ["minContainers", -1, "minContainers is -1. It must be an integer from 0 to 4,000."],
    ["maxContainers", 0, "maxContainers is 0. It must be an integer from 1 to 4,000."],
    ["maxContainers", 4_001, "maxContainers is 4,001. It must be an integer from 1 to 4,000."],
    ["bufferContainers", 0.5, "bufferContainers is 0.5. It must be an integer from 0 to 4,000."],
    ["scaledownWindowMs", 1_999, "scaledownWindowMs is 1,999. It must be an integer from 2,000 to 1,200,000 milliseconds."],
    ["singleUseContainers", 1, "singleUseContainers is 1. It must be true or false."],
    ["retries", 11, "retries is 11. It must be an integer from 0 to 10."],
  ])("refuse %s: %j", (option, value, message) => {
    expect(refused({ [option]: value })[0]).toBe(message);
  });

  it("that look like seconds say what they are in milliseconds", () => {
    expect(refused({ timeoutMs: 300 })[1]).toBe("Write timeoutMs: 300000 for 300 s: the unit is milliseconds.");
    expect(refused({ scaledownWindowMs: 60 })[1]).toBe("Write scaledownWindowMs: 60000 for 60 s: the unit is milliseconds.");
  });

  it("refuse more containers at least than at most", () => {
    expect(refused({ minContainers: 3, maxContainers: 2 })[0]).toBe(
      "minContainers is 3 and maxContainers is 2. The least cannot be more than the most.",
    );
  });

  it("refuse retries of a generator", () => {
    expect(() => resolveFunctionOptions("count", "generator", { retries: 1 })).toThrow("retries is 1, but a generator cannot be retried");
    expect(resolveFunctionOptions("count", "generator", { retries: 0 }).kind).toBe("generator");
  });

  it.each([null, 5, "options", [], () => 1, new Map()])("refuse %o in place of an object", (options) => {
    expect(refused(options)[0]).toMatch(/^the options are .*. They must be a plain object\.$/);
  });

  it("refuse a wrong name before anything else", () => {
    expect(() => resolveFunctionOptions("count words", "function", { timeoutMs: 1 })).toThrow('Invalid Function name: "count words".');
  });
});

describe("an option's old or foreign name", () => {
  it.each([
    ["keepWarm", "minContainers"],
    ["keep_warm", "minContainers"],
    ["concurrencyLimit", "maxContainers"],
    ["concurrency_limit", "maxContainers"],
    ["containerIdleTimeout", "scaledownWindowMs"],
    ["container_idle_timeout", "scaledownWindowMs"],
    ["scaledownWindow", "scaledownWindowMs"],
    ["scaledown_window", "scaledownWindowMs"],
    ["timeout", "timeoutMs"],
    ["timeout_ms", "timeoutMs"],
    ["startupTimeout", "startupTimeoutMs"],
    ["startup_timeout", "startupTimeoutMs"],
    ["memory", "memoryMiB"],
    ["memory_mib", "memoryMiB"],
    ["memoryLimitMiB", "memoryMiB"],
    ["min_containers", "minContainers"],
    ["max_containers", "maxContainers"],
    ["buffer_containers", "bufferContainers"],
    ["single_use_containers", "singleUseContainers"],
    ["maxInputs", "singleUseContainers"],
    ["max_inputs", "singleUseContainers"],
  ])("%s is refused with the new one, %s", (old, renamed) => {
    expect(refused({ [old]: 1 })).toEqual([`\`${old}\` is now \`${renamed}\`.`, `Write \`${renamed}\` in its place.`]);
  });

  it("that became a wrapper names the wrapper", () => {
    for (const old of ["allowConcurrentInputs", "allow_concurrent_inputs"])
      expect(refused({ [old]: 5 })[0]).toContain("concurrent({ maxInputs }, fn)");
  });
});

describe("an option that is not there", () => {
  it.each(["gpu", "image", "secrets", "volumes", "schedule", "proxy", "ephemeral_disk", "experimental_options"])(
    "%s is one that this version does not have",
    (option) => {
      expect(refused({ [option]: 1 })[0]).toMatch(
        new RegExp(`^this version of Tenon does not have the option \`${option}\`\\. The options are timeoutMs, `),
      );
    },
  );

  it("is refused with the nearest that is", () => {
    expect(refused({ timeuotMs: 5 })).toEqual([
      expect.stringMatching(/^there is no option `timeuotMs`\. The options are timeoutMs, /),
      "Write `timeoutMs` if that is the one you mean.",
    ]);
    expect(refused({ maxContainer: 5 })[1]).toBe("Write `maxContainers` if that is the one you mean.");
    expect(refused({ wibble: 5 })[1]).toBeUndefined();
  });

  it("is refused also when it has the name of something every object has", () => {
    expect(refused({ constructor: 1 })[0]).toMatch(/^there is no option `constructor`/);
    expect(refused(JSON.parse('{"__proto__": 1}'))[0]).toMatch(/^there is no option `__proto__`/);
  });
});

describe("a Function's environment variables", () => {
  it.each<[string, unknown, string]>([
    [
      "a key with a dash",
      { "A-B": "1" },
      'invalid environment variable name "A-B". Names may contain only letters, digits and underscores, must begin with a letter, and be 2 characters or longer.',
    ],
    [
      "a key of one letter",
      { A: "1" },
      'invalid environment variable name "A". Names may contain only letters, digits and underscores, must begin with a letter, and be 2 characters or longer.',
    ],
    [
      "a key that begins with an underscore",
      { _X: "1" },
      'invalid environment variable name "_X". Names may contain only letters, digits and underscores, must begin with a letter, and be 2 characters or longer.',
    ],
    ["the handler's", { _HANDLER: "x" }, "env._HANDLER is reserved by AWS Lambda."],
    [
      "a reference of CloudFormation",
      { TEXT: "x{{resolve:ssm:/a}}" },
      "env.TEXT holds {{resolve:…. CloudFormation would put another value in its place, which this machine can't do.",
    ],
    ["half a character", { TEXT: "\ud83d" }, "env.TEXT holds half a character (a lone surrogate), which no environment variable can hold."],
    ["Tenon's own", { TENON_X: "1" }, "env.TENON_X is reserved: variables that begin with TENON_ are Tenon's own."],
    ["Lambda's own", { AWS_LAMBDA_X: "1" }, "env.AWS_LAMBDA_X is reserved by AWS Lambda."],
    ["a region", { AWS_REGION: "eu-west-1" }, "env.AWS_REGION is reserved by AWS Lambda."],
    ["a number", { PORT: 80 }, "env.PORT is 80. It must be a string."],
    ["a NUL", { AB: "x\0y" }, "env.AB holds a NUL character, which no environment variable can hold."],
    ["a list", ["A=1"], "env is an array of 1. It must be an object of strings."],
    ["a class's instance", new URLSearchParams("a=1"), "env is an object with no fields. It must be an object of strings."],
  ])("refuse %s", (_, env, message) => {
    expect(refused({ env })[0]).toBe(message);
  });

  it("that are unset in the host say how to leave them out", () => {
    expect(refused({ env: { TOKEN: undefined } })[1]).toBe('Leave TOKEN out, or give it a default: TOKEN: process.env.TOKEN ?? "".');
  });

  it("hold 4,096 bytes together, counted as UTF-8, and no more", () => {
    expect(resolve({ env: { AB: "é".repeat(2_047) } }).env["AB"]).toHaveLength(2_047);
    expect(refused({ env: { AB: "é".repeat(2_047), CD: "" } })[0]).toBe(
      "env is 4,098 bytes, keys and values together. At most 4,096 are allowed.",
    );
  });
});
