// The process that a local container is: forked by src/local, it speaks frames over file descriptor 3.
import { Socket } from "node:net";
import { createChannel } from "../../channel/channel.ts";
import { channelBackend, type ChannelBackend } from "../../channel/client.ts";
import { inputContext } from "../../context/context.ts";
import { createStackMapper } from "../../util/source-map.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { FrameType } from "../../wire/frame.ts";
import { becomeContainer } from "../become-container.ts";
import { loadApp, loadFunction } from "../load.ts";
import type { ContainerInit } from "./container-init.ts";
import { createProcessContainer, type ProcessContainer } from "./container.ts";
import { ownObjects } from "./own-objects.ts";

const CHANNEL_FD = 3;

/** Reads the init frame, loads the App, then serves inputs until the channel ends. */
function main(): void {
  let container: ProcessContainer | null = null;
  let backend: ChannelBackend | null = null;
  const channel = createChannel(new Socket({ fd: CHANNEL_FD, readable: true, writable: true }), {
    onFrame(type, seq, head, parts) {
      if (type === FrameType.init) start(JSON.parse(head) as ContainerInit);
      else if (type >= FrameType.request) backend?.onFrame(type, seq, head, parts);
      else container?.onFrame(type, seq, head, parts);
    },
    // The process that started this container is gone: end every process that user code started, too.
    onClose: () => process.kill(-process.pid, "SIGKILL"),
  });

  const start = (init: ContainerInit): void => {
    const { environment, stateDir } = init;
    backend = channelBackend(channel, { kind: "local", environment }, () => inputContext.getStore()?.inputId);
    const objects = stateDir === undefined ? backend.objects : ownObjects({ stateDir, environment });
    becomeContainer(init, { ...backend, objects }, init.env);
    const onLoadFailed = (error: unknown): void => {
      const { appFile, sourceRoot } = init.bundle;
      const mapStack = createStackMapper(appFile, `${appFile}.map`, sourceRoot);
      channel.send(FrameType.initFailed, 0, JSON.stringify(encodeError(error, { mapStack })));
    };
    const { fn } = init;
    if (fn === null) {
      loadApp(init)
        .then((app) => channel.send(FrameType.ready, 0, JSON.stringify({ manifest: app.toManifest() })))
        .catch(onLoadFailed);
      return;
    }
    const serving = createProcessContainer({ channel, channelFd: CHANNEL_FD, init, spec: fn, onLoadFailed });
    container = serving;
    loadFunction(init, fn.name)
      .then(({ body }) => serving.serve(body))
      .catch(onLoadFailed);
  };
}

main();
