/** `node:crypto`, loaded when it is first used: that takes 2 ms, and a container may never need it. */
export function lazyCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
