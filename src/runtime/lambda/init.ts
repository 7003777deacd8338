// The first module of a Lambda function of Tenon. AWS's runtime client loads it, and Lambda's init ends when it is loaded. It is
// apart from `entry.ts`, which the App imports as `tenon`: that one can't wait for the App.
import { initialize } from "./entry.ts";

export { handler, streamHandler } from "./entry.ts";

await initialize();
