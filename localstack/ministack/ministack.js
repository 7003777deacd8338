// @ts-check
import { fileURLToPath } from "node:url";
import { findPython } from "../python.js";

/** @type {import("../install.js").Recipe} */
export const MINISTACK = {
  kind: "ministack",
  name: "MiniStack",
  requirements: new URL("requirements.txt", import.meta.url),
  findTools: async (env) => ({ python: await findPython("MiniStack", "3.11", env) }),
  launcher: fileURLToPath(new URL("launcher.py", import.meta.url)),
  options: () => ({}),
};
