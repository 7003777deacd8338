// @ts-check
// Java runs DynamoDB Local, and Maven fetches it.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { EmulatorUnavailable } from "../errors.js";

const run = promisify(execFile);
const OLDEST = 17;

/**
 * @typedef {object} Java
 * @property {string} home
 * @property {NodeJS.ProcessEnv} env In which it was found.
 */

/**
 * The `java` of JAVA_HOME, or else of the PATH.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Java>}
 * @throws {EmulatorUnavailable} without a Java that is new enough
 */
export async function findJava(env) {
  const command = env.JAVA_HOME ? join(env.JAVA_HOME, "bin", "java") : "java";
  const needed = `The emulated AWS (LocalStack) needs Java ${OLDEST} or newer for DynamoDB Local`;
  const hint = `Install Java ${OLDEST} or newer, or name one in JAVA_HOME.`;
  const { stderr } = await run(command, ["-XshowSettings:properties", "-version"], { env }).catch((cause) => {
    throw new EmulatorUnavailable(`${needed}. Here, "${command}" does not run.`, { hint, cause });
  });
  const [, version = ""] = /^\s*java\.specification\.version = (.+)$/m.exec(stderr) ?? [];
  const [, home = ""] = /^\s*java\.home = (.+)$/m.exec(stderr) ?? [];
  // 1.8 is Java 8.
  if (!(Number(version) >= OLDEST))
    throw new EmulatorUnavailable(`${needed}. Here, "${command}" is ${version || "of no known version"}.`, { hint });
  return { home, env };
}

/**
 * @param {Java | undefined} java
 * @throws {EmulatorUnavailable} without Maven
 */
export async function findMaven(java) {
  await run("mvn", ["--version"], { env: environment(java) }).catch((cause) => {
    throw new EmulatorUnavailable('The emulated AWS (LocalStack) is installed with Maven. Here, "mvn" does not run.', {
      hint: "Install Maven 3.6 or newer. It is needed only until LocalStack is installed.",
      cause,
    });
  });
}

/**
 * Copies what a POM depends on into a folder.
 *
 * @param {string} pom
 * @param {string} folder
 * @param {Java | undefined} java
 */
export async function copyJars(pom, folder, java) {
  const options = ["-DincludeScope=runtime", `-DoutputDirectory=${folder}`];
  const env = environment(java);
  await run("mvn", ["--quiet", "--batch-mode", "--file", pom, "dependency:copy-dependencies", ...options], { env });
}

/**
 * @param {Java | undefined} java
 * @returns {NodeJS.ProcessEnv}
 */
function environment(java) {
  return { ...java?.env, JAVA_HOME: java?.home };
}
