import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { spec } from "../../src/cli/commands/env/destroy.ts";
import { openEnvironmentData } from "../../src/deploy/index.ts";
import { PermissionDeniedError } from "../../src/model/errors.ts";

afterEach(() => vi.unstubAllEnvs());

test("who may not delete an environment's data is told to do it as an administrator", async () => {
  const type = "com.amazon.coral.service#AccessDeniedException";
  const server = createServer((_, response) => {
    response.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify({ __type: type, message: "no" }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv("AWS_ACCESS_KEY_ID", "a");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "b");
  const api = await openEnvironmentData({ endpoint, region: "eu-west-1" });
  const refused = await api.unprotectTable("tenon-dev").catch((error: unknown) => error);
  api.destroy();
  server.close();
  expect(refused).toBeInstanceOf(PermissionDeniedError);
  expect(refused).toMatchObject({ hint: expect.stringMatching(/^Sign in with an administrator's rights/) as string });
});

test("the help of --delete-data says whose rights it needs", () => {
  expect(spec.description).toContain("It needs an administrator's rights");
  expect(spec.flags.deleteData.description).toContain("with an administrator's rights");
});
