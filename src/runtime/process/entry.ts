// The process that a local container is: forked by src/local, it speaks frames over file descriptor 3.
import { Socket } from "node:net";
import { InvalidError } from "../../model/errors.ts";
import { inputContext } from "../../context/context.ts";
import { registry } from "../../context/registry.ts";
import { createStackMapper } from "../../util/source-map.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { FrameType } from "../../wire/frame.ts";
import { channelBackend, type ChannelBackend } from "../../channel/client.ts";
import { createChannel } from "../../channel/channel.ts";
import type { ContainerInit } from "./container-init.ts";
import { createContainer, type Container } from "./container.ts";
import { loadApp } from "../load.ts";

const CHANNEL_FD = 3;

/** Reads the init frame, loads the App, then serves inputs until the channel ends. */
function main(): void {
  let container: Container | null = null;
  let backend: ChannelBackend | null = null;
  const channel = createChannel(new Socket({ fd: CHANNEL_FD, readable: true, writable: true }), {
    onFrame(type, seq, head, parts) {
      if (type === FrameType.init) start(JSON.parse(head) as ContainerInit);
      else if (type >= FrameType.request) backend?.onFrame(type, seq, head, parts);
      else container?.onFrame(type, seq, head, parts);
    },
    // Whoever started this container is gone: take along every process that user code started.
    onClose: () => process.kill(-process.pid, "SIGKILL"),
  });

  const start = (init: ContainerInit): void => {
    const host = registry();
    backend = channelBackend(channel, { kind: "local", environment: init.environment }, () => inputContext.getStore()?.inputId);
    host.role = "container";
    host.backend = backend;
    host.containerApp = init.app;
    host.containerVersion = init.version;
    Object.assign(process.env, init.env, { TENON_IS_REMOTE: "1", TENON_TASK_ID: init.container, TENON_ENVIRONMENT: init.environment });
    const fail = (error: unknown): void => {
      const { appFile, sourceRoot } = init.bundle;
      const mapStack = createStackMapper(appFile, `${appFile}.map`, sourceRoot);
      channel.send(FrameType.initFailed, 0, JSON.stringify(encodeError(error, { mapStack })));
    };
    if (init.fn !== null) container = createContainer({ channel, channelFd: CHANNEL_FD, init, spec: init.fn, onInitFailed: fail });
    loadApp(init)
      .then((app) => {
        if (container === null) {
          channel.send(FrameType.ready, 0, JSON.stringify({ manifest: app.toManifest() }));
          return;
        }
        const body = app.functions.get(init.fn?.name ?? "")?.local as ((...args: unknown[]) => unknown) | undefined;
        if (body === undefined)
          throw new InvalidError(`App "${init.app}" declares no Function "${init.fn?.name}" when its module is loaded in a container`, {
            hint: "declare it at module level, not behind a condition",
          });
        container.serve(body);
      })
      .catch(fail);
  };
}

main();
