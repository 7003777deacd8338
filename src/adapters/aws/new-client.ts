import { repeatWhileYoung } from "./young-rights.ts";

/** The AWS SDK's own switch for its warning that coming versions of it need a newer Node. */
const SWITCH = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/**
 * Makes a client of the AWS SDK that bears with rights which take effect late, without the SDK's warning that coming versions
 * of it need a newer Node. Which Node Tenon needs is said by its own package. Every other warning passes. The variable is set back, so that the processes that
 * this one starts do not inherit it.
 */
export function newClient<Client>(make: () => Client): Client {
  const before = process.env[SWITCH];
  process.env[SWITCH] = "true";
  try {
    return repeatWhileYoung(make());
  } finally {
    if (before === undefined) delete process.env[SWITCH];
    else process.env[SWITCH] = before;
  }
}
