// The container of a Lambda function of Tenon, and what its App means by `tenon`.
import { createAwsBackend } from "../../adapters/backend.ts";
import { renameApp } from "../../adapters/renamed-app.ts";
import { registry } from "../../context/registry.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { becomeContainer } from "../become-container.ts";
import { createLambdaContainer, type LambdaContainer } from "./container.ts";
import { readLambdaEnvironment } from "./environment.ts";

/** What Lambda's runtime client puts on `globalThis`. */
interface LambdaGlobals {
  readonly awslambda?: { streamifyResponse?<T>(handler: T): T };
}

const container = wakeUp();

/** Waits for the App, as long as an environment's init may take. */
export const initialize: LambdaContainer["initialize"] = () => container.initialize();

/** The handler of a Function: `init.handler`. */
export const handler: LambdaContainer["handle"] = (event, context) => container.handle(event, context);

/** The handler of a generator: `init.streamHandler`. */
export const streamHandler: LambdaContainer["stream"] = streamed((event, response, context) => container.stream(event, response, context));

// --- Internal helpers ---

function wakeUp(): LambdaContainer {
  const settings = readLambdaEnvironment(process.env);
  const { app, bucket, container, declaredApp, environment, version } = settings;
  const backend = createAwsBackend({
    environment,
    bucket,
    inContainer: true,
    own: { app, version, bucket, manifest: () => loadedManifest(declaredApp) },
  });
  const renamed = declaredApp === app ? backend : renameApp(backend, declaredApp, app);
  becomeContainer({ container, environment, app: declaredApp, version }, renamed);
  return createLambdaContainer(settings);
}

/** What the App declares, once its module is loaded. */
function loadedManifest(declaredApp: string): AppManifest | undefined {
  const { apps, reach } = registry();
  return reach === undefined ? undefined : apps.find(({ name }) => name === declaredApp)?.toManifest();
}

function streamed<T>(handle: T): T {
  return (globalThis as LambdaGlobals).awslambda?.streamifyResponse?.(handle) ?? handle;
}
