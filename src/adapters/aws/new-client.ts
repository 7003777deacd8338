/** The AWS SDK's own switch for its warning of a Node that its coming versions do not take. */
const SWITCH = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/**
 * Makes a client of the AWS SDK without the SDK's warning of a Node version that its coming versions do not take: which
 * Node Tenon runs on is said by Tenon's own package. Every other warning passes. The variable is set back, so that the
 * processes that this one starts do not inherit it.
 */
export function newClient<Client>(make: () => Client): Client {
  const before = process.env[SWITCH];
  process.env[SWITCH] = "true";
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[SWITCH];
    else process.env[SWITCH] = before;
  }
}
