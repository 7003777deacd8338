// What a Lambda function of Tenon wakes up with. The runtime client calls the handlers; everything else is the loop's.
import { createAwsBackend } from "../adapters/backend.ts";
import { renameApp } from "../adapters/renamed-app.ts";
import { registry } from "../sdk/registry.ts";
import { createLambdaContainer, type LambdaContainer } from "./lambda-container.ts";
import { readLambdaEnvironment } from "./lambda-environment.ts";

/** What Lambda's runtime client puts on `globalThis`. */
interface LambdaGlobals {
  readonly awslambda?: { streamifyResponse?<T>(handler: T): T };
}

const container = wakeUp();

/** The handler of a Function: `runtime.handler`. */
export const handler: LambdaContainer["handle"] = (event, context) => container.handle(event, context);

/** The handler of a generator: `runtime.streamHandler`. */
export const streamHandler: LambdaContainer["stream"] = streamed((event, response, context) => container.stream(event, response, context));

// --- Internal helpers ---

function wakeUp(): LambdaContainer {
  const world = readLambdaEnvironment(process.env);
  const known = registry();
  known.role = "container";
  const backend = createAwsBackend({ environment: world.environment, bucket: world.bucket });
  known.backend = world.declaredApp === world.app ? backend : renameApp(backend, world.declaredApp, world.app);
  known.containerApp = world.declaredApp;
  known.containerVersion = world.version;
  Object.assign(process.env, { TENON_IS_REMOTE: "1", TENON_TASK_ID: world.container });
  return createLambdaContainer(world);
}

function streamed<T>(handle: T): T {
  return (globalThis as LambdaGlobals).awslambda?.streamifyResponse?.(handle) ?? handle;
}
