import { join } from "node:path";
import { Client, Dict, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataTable } from "../../src/model/aws-names.ts";
import type * as First from "../fixtures/dict-app.ts";
import type * as Other from "../fixtures/dict-other-app.ts";
import { deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";

// Two Apps of one environment that share a Dict, each with its own role, on an account that enforces them.
const aws = await emulatedAws();

describeAws(aws)("Dicts in the containers of two Apps on AWS", { timeout: 60_000 }, () => {
  let client: Client;
  const first = () => ({
    swap: RemoteFunction.fromName<typeof First.swap>("dict-app", "swap", { client }),
    exercise: RemoteFunction.fromName<typeof First.exercise>("dict-app", "exercise", { client }),
    visit: RemoteFunction.fromName<typeof First.visit>("dict-app", "visit", { client }),
    narrow: RemoteFunction.fromName<typeof First.narrow>("dict-app", "narrow", { client }),
    ephemeral: RemoteFunction.fromName<typeof First.ephemeral>("dict-app", "ephemeral", { client }),
    list: RemoteFunction.fromName<typeof First.list>("dict-app", "list", { client }),
  });

  beforeAll(async () => {
    for (const app of ["dict-app", "dict-other-app"])
      await deployOnAccount(aws.account, "test", join(import.meta.dirname, `../fixtures/${app}.ts`));
    const { accessKeyId, secretAccessKey } = aws.account.credentials;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    client = new Client({ backend: "aws", environment: "test", region: aws.account.region, endpoint: aws.account.endpoint });
  }, 120_000);
  afterAll(() => client?.close());

  it("share one, with whoever has the rights", async () => {
    const look = RemoteFunction.fromName<typeof Other.look>("dict-other-app", "look", { client });
    expect(await first().swap.remote("key", { at: new Date(7) })).toBe("nothing");
    expect(await look.remote("key")).toEqual({ at: new Date(7) });
    const dict = Dict.fromName<string, unknown>("dict-app-shared", { client });
    expect(await dict.get("key")).toEqual({ at: new Date(7) });
    await dict.put("key", Buffer.alloc(200_000, "x"));
    expect(((await look.remote("key")) as Buffer).byteLength).toBe(200_000);
    expect((await Dict.objects.list({ client })).map(({ name }) => name)).toContain("dict-app-shared");
  });

  it("do everything with one that comes along, and make their own", async () => {
    const done = { skipped: false, keys: 2, values: 2, popped: 1, has: true, len: 1 };
    await using dict = await Dict.ephemeral<unknown, unknown>({ client });
    expect(await first().exercise.remote(dict)).toEqual({ ...done, name: null });
    expect(await dict.get("b")).toEqual(new Date(5));
    const named = Dict.fromName("dict-app-user-1", { createIfMissing: true });
    expect(await first().exercise.remote(named)).toEqual({ ...done, name: "dict-app-user-1" });
    expect(await first().ephemeral.remote()).toBe(1);
  });

  it("use what their App declares and no other, with the same words as on this machine", async () => {
    expect(await first().visit.remote("dict-app-user-2")).toBe(1);
    await expect(first().visit.remote("somebody-else")).rejects.toThrow(
      expect.objectContaining({
        name: "PermissionDeniedError",
        message:
          'Function "visit" of App "dict-app" may not use Dict "somebody-else": that is not among what its App declares that it uses.',
      }) as Error,
    );
    expect(await first().narrow.remote("dict-app-narrow")).toBe(0);
    await expect(first().narrow.remote("dict-app-shared")).rejects.toThrow("that is not among its `uses`");
    await expect(first().list.remote()).rejects.toThrow("may not list Dicts");
  });

  it("have roles that allow the rows of those Dicts and no others", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    const probe = RemoteFunction.fromName<typeof Other.probe>("dict-other-app", "probe", { client });
    const partitions = [
      "dict#dict-app-shared#",
      "dict#dict-app-shared#di-1",
      "dict#~di-1#",
      "dict#dict-app-shared2#",
      "dict#dict-app-user-1#",
      "dict#dict#",
      "dict#",
      "sweep#dict",
    ];
    const said = await probe.remote(dataTable("test"), partitions);
    expect(said).toEqual({
      ...Object.fromEntries(partitions.map((pk) => [pk, "denied"])),
      "dict#dict-app-shared#": "done",
      "dict#dict-app-shared#di-1": "done",
      "dict#~di-1#": "done",
    });
  });
});
