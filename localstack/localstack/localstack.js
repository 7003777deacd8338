// @ts-check
import { fileURLToPath } from "node:url";
import { EmulatorUnavailable } from "../errors.js";
import { findPython } from "../python.js";
import { copyJars, findJava, findMaven } from "./java.js";

const POM = new URL("pom.xml", import.meta.url);

/** @type {import("../install.js").Recipe} */
export const LOCALSTACK = {
  kind: "localstack",
  name: "LocalStack",
  requirements: new URL("requirements.txt", import.meta.url),
  pinned: [POM],
  async findTools(env) {
    // Its metadata says 3.10; it imports what came with 3.13.
    const [python, java] = await Promise.allSettled([findPython("LocalStack", "3.13", env), findJava(env)]);
    if (python.status === "fulfilled" && java.status === "fulfilled") return { python: python.value, java: java.value };
    // All that is missing is named at once.
    const reasons = [python, java].flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    const other = reasons.find((reason) => !(reason instanceof EmulatorUnavailable));
    throw other ?? (reasons.length === 1 ? reasons[0] : new EmulatorUnavailable(reasons.map((reason) => reason.message).join("\n")));
  },
  checkInstall: ({ java }) => findMaven(java),
  more: (folder, { java }) => copyJars(fileURLToPath(POM), `${folder}/jars`, java),
  launcher: fileURLToPath(new URL("launcher.py", import.meta.url)),
  options: ({ folder, tools }) => ({
    java: tools.java?.home,
    jars: `${folder}/jars`,
  }),
};
