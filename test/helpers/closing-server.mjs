// A server in a process of its own that answers each request and then closes its socket at once, without saying so before.
// It writes its port, and then a line for each request that it has read.
import { createServer } from "node:net";

const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}";
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", () => {
    process.stdout.write("request\n");
    socket.write(ANSWER);
    setTimeout(() => socket.end(), 50);
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
