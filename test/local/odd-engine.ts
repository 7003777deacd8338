import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleApp } from "../../src/bundle/index.ts";
import { createEngine, type Engine } from "../../src/local/engine/engine.ts";
import { createSlots } from "../../src/local/engine/pool/slots.ts";
import { createWorkerStarter } from "../../src/local/workers/worker-starter.ts";
import { newCallId, newInputId } from "../../src/model/ids.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import type { Backend } from "../../src/ports/backend.ts";
import type { TenonEvent } from "../../src/ports/events.ts";
import { tenonDir } from "../../src/util/package-dir.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import type { Envelope } from "../../src/wire/envelope.ts";
import { app } from "./apps/odd.ts";

/** A real engine of the App in apps/odd.ts, its containers real processes. */
export interface OddEngine {
  readonly engine: Engine;
  readonly events: TenonEvent[];
  /** One attempt. */
  invoke(name: string, args: readonly unknown[], signal?: AbortSignal): Promise<AttemptResult>;
  /** The attempt of this number of an input. */
  attempt(name: string, args: readonly unknown[], attempt: number, inputId: string): Promise<AttemptResult>;
  stream(name: string, args: readonly unknown[], signal?: AbortSignal): ReturnType<Engine["functions"]["stream"]>;
  close(): Promise<void>;
}

/** Bundles the App and starts an engine with so many slots. */
export async function openOddEngine(settings: { readonly slots?: number; readonly cwd?: string } = {}): Promise<OddEngine> {
  const stateDir = mkdtempSync(join(tmpdir(), "tenon-odd-"));
  const entryFile = fileURLToPath(new URL("apps/odd.ts", import.meta.url));
  const bundle = await bundleApp({ entryFile, stateDir, tenonDir: tenonDir() });
  const events: TenonEvent[] = [];
  const workers = createWorkerStarter({ cwd: settings.cwd ?? bundle.sourceRoot, onStarted: () => undefined }, null);
  const engine: Engine = createEngine({
    manifest: app.toManifest() as never,
    bundle,
    environment: "dev",
    workers,
    onEvent: (event) => events.push(event),
    backend: () => ({ functions: engine.functions }) as Backend,
    slots: createSlots(settings.slots ?? 4),
  });
  const envelopeOf = (args: readonly unknown[], attempt = 1, inputId: string = newInputId()): Envelope => {
    const callId = newCallId();
    return { v: 1, callId, inputId, attempt, args: encode(args, "args"), root: callId, depth: 0 };
  };
  return {
    engine,
    events,
    invoke: (name, args, signal) => engine.functions.invoke({ app: "odd", name }, envelopeOf(args), { signal }),
    attempt: (name, args, attempt, inputId) => engine.functions.invoke({ app: "odd", name }, envelopeOf(args, attempt, inputId)),
    stream: (name, args, signal) => engine.functions.stream({ app: "odd", name }, envelopeOf(args), { signal }),
    async close() {
      workers.close();
      await engine.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** What an attempt that succeeded returned, else its result as it is. */
export function valueOf(result: AttemptResult): unknown {
  return result.status === "succeeded" ? decode(result.value) : result;
}

/** The lines that containers wrote. */
export function linesOf(events: readonly TenonEvent[]): string[] {
  return events.flatMap((event) => (event.code === "LOG" ? [event.record.text] : []));
}
