import { describe, expect, it } from "vitest";
import { resolveAppOptions } from "../../src/model/app-options.ts";
import type { AppOptions } from "../../src/model/app-options.ts";
import { refusal } from "./refusal.ts";

const resolve = (options?: unknown) => resolveAppOptions("shop", options as AppOptions);

/** What an App says of AWS that says nothing. */
const UNSAID = { permissions: [], brake: {}, metrics: false, aws: {} };

describe("an App's options", () => {
  it("have the defaults that their documentation gives", () => {
    expect(resolve()).toEqual({ tags: {}, files: [], external: [], maxCallDepth: 32, ...UNSAID, entryFile: null });
  });

  it("all arrive, copied", () => {
    const files = ["./models/**", "data/a.txt"];
    const resolved = resolve({
      tags: { team: "search" },
      files,
      external: ["sharp", "@scope/native.js"],
      maxCallDepth: 1_000,
      entry: "file:///srv/my%20app.ts",
    });
    files.push("later");
    expect(resolved).toEqual({
      tags: { team: "search" },
      files: ["./models/**", "data/a.txt"],
      external: ["sharp", "@scope/native.js"],
      maxCallDepth: 1_000,
      ...UNSAID,
      entryFile: "/srv/my app.ts",
    });
  });

  it.each<[unknown, string]>([
    [{ maxCallDepth: 0 }, 'App "shop": maxCallDepth is 0. It must be an integer from 1 to 1,000.'],
    [{ maxCallDepth: 1_001 }, 'App "shop": maxCallDepth is 1,001. It must be an integer from 1 to 1,000.'],
    [{ files: "./models" }, 'App "shop": files is "./models". It must be an array of strings.'],
    [{ files: ["../up"] }, 'App "shop": files[0] is "../up". It must stay inside the folder of the nearest package.json.'],
    [{ files: ["a", "/etc/passwd"] }, 'App "shop": files[1] is "/etc/passwd". It must stay inside the folder of the nearest package.json.'],
    [{ files: [""] }, 'App "shop": files[0] is "". It must be a string that is not empty.'],
    [
      { external: ["./local.js"] },
      'App "shop": external[0] is "./local.js". It must be the name of a package, such as sharp or @scope/name.',
    ],
    [{ tags: ["a"] }, 'App "shop": tags is an array of 1. It must be an object of strings.'],
    [{ entry: "app.ts" }, 'App "shop": entry is "app.ts". It must be a file: URL or an absolute path.'],
    [
      { call_depth: 3, max_call_depth: 3 },
      'App "shop": there is no option `call_depth`. The options are tags, files, external, maxCallDepth, permissions, maxContainers, enforce, metrics, vpc, securityGroups, kmsKey, logRetentionDays, tracing, alarmTopic, entry.',
    ],
    [{ max_call_depth: 3 }, 'App "shop": `max_call_depth` is now `maxCallDepth`.'],
    [
      { image: {} },
      'App "shop": this version of Tenon does not have the option `image`. The options are tags, files, external, maxCallDepth, permissions, maxContainers, enforce, metrics, vpc, securityGroups, kmsKey, logRetentionDays, tracing, alarmTopic, entry.',
    ],
    [{ include: [] }, 'App "shop": `include` is not an option. Another App\'s Functions are taken in by app.include(other).'],
    ["shop", 'App "shop": the options are "shop". They must be a plain object.'],
  ])("refuse %j", (options, message) => {
    expect(refusal(() => resolve(options)).message).toBe(message);
  });

  it("refuse a tag that a bill could not show, with its key", () => {
    expect(() => resolve({ tags: { team: "search & find" } })).toThrow('Invalid tag value of "team": "search & find".');
  });

  it("refuse more tags than AWS takes, and two that IAM takes for one", () => {
    const tags = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`tag${i}`, "x"]));
    expect(Object.keys(resolve({ tags: tags(46) }).tags)).toHaveLength(46);
    expect(refusal(() => resolve({ tags: tags(47) })).message).toBe(
      'App "shop": tags has 47 entries. At most 46 are allowed: AWS takes 50, Tenon\'s own included.',
    );
    expect(refusal(() => resolve({ tags: { team: "a", Team: "b" } })).message).toBe(
      'App "shop": tags has "team" and "Team". Keys must differ in more than upper and lower case: IAM takes them for one.',
    );
  });

  it("refuse a wrong name of the App", () => {
    expect(() => resolveAppOptions("my shop")).toThrow('Invalid App name: "my shop".');
  });
});
