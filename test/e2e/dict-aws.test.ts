import { join } from "node:path";
import { Client, RemoteFunction } from "tenon";
import { deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { testDictsInContainers } from "./dict-suite.ts";

// Deployed by its own templates, with the roles of those enforced.
const aws = await emulatedAws();

testDictsInContainers({
  where: "emulated AWS",
  describe: describeAws(aws),
  async open() {
    const { account } = aws;
    await deployOnAccount(account, "test", join(import.meta.dirname, "../fixtures/dict-app.ts"));
    const { accessKeyId, secretAccessKey } = account.credentials;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    const connect = (): Client => new Client({ backend: "aws", environment: "test", region: account.region, endpoint: account.endpoint });
    const client = connect();
    return {
      fn: (name) => RemoteFunction.fromName("dict-app", name, { client }) as never,
      client,
      another: connect,
      close: () => client.close(),
    };
  },
});
