import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Both ends of a real Unix socket. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  const dir = mkdtempSync(join(tmpdir(), "tenon-pair-"));
  const server = createServer();
  server.listen(join(dir, "socket"));
  await once(server, "listening");
  const near = connect(join(dir, "socket"));
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  rmSync(dir, { recursive: true, force: true });
  return [near, far];
}
