// The other end of the bare framed pipe: answers each frame with its value.
import { Socket } from "node:net";
import { framed } from "./framed.js";

const link = framed(new Socket({ fd: 3, readable: true, writable: true }), (text) => {
  const call = JSON.parse(text);
  link.send(JSON.stringify({ id: call.id, value: call.args[0] }));
});
