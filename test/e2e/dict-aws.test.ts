import { join } from "node:path";
import type { Client } from "tenon";
import { RemoteFunction } from "tenon";
import { beforeAll, expect, it } from "vitest";
import { dataTable } from "../../src/model/aws-names.ts";
import type * as Other from "../fixtures/dict-other-app.ts";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import { testDictsInContainers } from "./dict-suite.ts";

// Deployed by their own templates, with the roles of those enforced.
const aws = await emulatedAws();

const deploy = (app: string): Promise<void> => deployOnAccount(aws.account, "test", join(import.meta.dirname, `../fixtures/${app}.ts`));
const connect = (): Client => clientOf(aws.account);
function beDeployer(): void {
  actOn(aws.account);
}

testDictsInContainers({
  where: "emulated AWS",
  describe: describeAws(aws),
  async open() {
    await deploy("dict-app");
    beDeployer();
    const client = connect();
    return {
      fn: (name) => RemoteFunction.fromName("dict-app", name, { client }) as never,
      client,
      another: connect,
      close: () => client.close(),
    };
  },
});

describeAws(aws)("another App on emulated AWS", { timeout: 60_000 }, () => {
  beforeAll(() => deploy("dict-other-app"), 120_000);

  it("reads what the first one has put into the Dict that they share", async () => {
    await using client = connect();
    const swap = RemoteFunction.fromName<(key: string, value: unknown) => Promise<unknown>>("dict-app", "swap", { client });
    const look = RemoteFunction.fromName<typeof Other.look.local>("dict-other-app", "look", { client });
    await swap.remote("between", Buffer.alloc(200_000, "x"));
    expect(((await look.remote("between")) as Buffer).byteLength).toBe(200_000);
  });

  it("has a role that allows the rows of that Dict and no others, whatever its code sends", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    await using client = connect();
    const probe = RemoteFunction.fromName<typeof Other.probe.local>("dict-other-app", "probe", { client });
    const allowed = ["dict#dict-app-shared#", "dict#dict-app-shared#di-1", "dict#~di-1#"];
    const denied = ["dict#dict-app-shared2#", "dict#dict-app-user-1#", "dict#dict#", "dict#", "sweep#dict"];
    expect(await probe.remote(dataTable("test"), [...allowed, ...denied])).toEqual({
      ...Object.fromEntries(allowed.map((pk) => [pk, "done"])),
      ...Object.fromEntries(denied.map((pk) => [pk, "denied"])),
    });
  });
});
