/** What a layer may import. */
export interface Layer {
  /** Layers it may import in any form. */
  readonly imports: readonly string[];
  /** Layers it may import only by `import()`, so that they load when they are needed. */
  readonly lazily?: readonly string[];
  /** Of some layers, only the files whose names match. */
  readonly only?: Readonly<Record<string, RegExp>>;
  /** The files that other layers may import; absent when an `index.ts` is the one, or, without it, every file is open. */
  readonly entryPoints?: readonly string[];
  /** Layers to which every file is open. */
  readonly openTo?: readonly string[];
}

const GROUND = ["util", "model", "wire", "ports"];

/** Who may import whom. A folder of `src` is a layer; so is each file that lies directly in it. */
export const LAYERS: Readonly<Record<string, Layer>> = {
  util: { imports: [] },
  model: { imports: ["util"] },
  wire: { imports: ["util", "model"] },
  ports: { imports: ["util", "model", "wire"] },
  // What one process knows of its App and of the input that runs: below everyone who asks.
  context: { imports: GROUND },
  // Both ends of a backend that is spoken to over frames.
  channel: { imports: GROUND },
  // src/index.ts is its list of names for users. The backends share with it what is declared.
  sdk: { imports: [...GROUND, "context"], entryPoints: ["app.ts"], openTo: ["index.ts", "bridge.ts"] },
  // Where the state lies, for everyone who writes there; util makes no errors in words, and model touches no disk.
  disk: { imports: ["util", "model"] },
  // No index: one would make the local backend load the AWS SDK.
  adapters: { imports: [...GROUND, "disk", "channel"] },
  bundle: { imports: ["util", "model", "disk"], entryPoints: ["index.ts"] },
  runtime: { imports: [...GROUND, "context", "channel", "sdk", "adapters"] },
  // Beside the whole backend, what a command needs before it knows whether one will run: a start must be quick.
  local: {
    imports: [...GROUND, "disk", "context", "channel", "sdk", "adapters", "runtime", "bundle"],
    entryPoints: ["index.ts", "workers/worker-process.ts", "workers/worker-starter.ts"],
  },
  // What deploys an App for tests brings the bundler and CDK along: a test that only runs one must not wait for them.
  testing: { imports: [...GROUND, "context", "sdk", "adapters", "runtime"], lazily: ["local", "bundle", "synth"] },
  // Beside the stacks, what is said of an App without loading CDK.
  synth: {
    imports: ["util", "model", "disk", "adapters"],
    only: { adapters: /\/(?:iam|limits)\.ts$/ },
    entryPoints: ["index.ts", "app-plan.ts", "cached-assembly.ts"],
  },
  // Drives an account; synth only writes what is to be there.
  deploy: { imports: [...GROUND, "adapters"], entryPoints: ["index.ts"] },
  cli: { imports: [...GROUND, "disk", "context", "sdk", "bundle", "local", "synth", "deploy", "index.ts"] },
  // It hands the backends to the SDK, which does not know them, and loads one when it is used.
  "bridge.ts": { imports: ["context", "model", "sdk"], lazily: ["local", "adapters"] },
  "index.ts": { imports: ["sdk", "context", "model", "wire", "ports", "bridge.ts"] },
  "vite.ts": { imports: ["bundle"] },
  "cdk.ts": { imports: ["synth", "model"] },
};

/**
 * The folders inside a layer whose imports go down only: a folder may import itself and the rungs below its own, not its
 * neighbours on the same rung. Every folder of such a layer is named; files that lie directly in it may import them all.
 */
export const LADDERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  local: [["run"], ["host"], ["engine", "deploy"], ["workers"], ["state"]],
};
/** Files that stand in the place of others. They name these in types, to be checked against them, and load them later. */
export const REPLACEMENTS = /^src\/runtime\/lambda\/left-out\//;

/** Which files may import a package; every package that `src` imports is listed. */
export const PACKAGES: Readonly<Record<string, readonly RegExp[]>> = {
  devalue: [/^src\/wire\//],
  // Types only.
  "@standard-schema/spec": [/^src\/sdk\/(?:entrypoint\/|app\.ts$)/, /^src\/cli\/arguments\//],
  esbuild: [/^src\/bundle\//, /^src\/vite\.ts$/],
  tinyglobby: [/^src\/bundle\//],
  "oxc-parser": [/^src\/bundle\//],
  "magic-string": [/^src\/bundle\//],
  "get-tsconfig": [/^src\/bundle\//],
  fflate: [/^src\/testing\/zip\.ts$/],
  lmdb: [/^src\/adapters\/lmdb\//],
  commander: [/^src\/cli\//],
  // The contract's own App is a user's: it imports the package by its name.
  tenon: [/^src\/testing\//],
  "@aws-sdk/*": [/^src\/adapters\/aws\//, /^src\/adapters\/[^/]+\/aws\.ts$/],
  "aws-cdk-lib": [/^src\/synth\//],
  "@aws-cdk/toolkit-lib": [/^src\/deploy\//],
  constructs: [/^src\/synth\//],
};

/** Modules of Node that reach outside the process; the layers below are data and rules about data. */
export const OUTSIDE = /^node:(?:fs|child_process|net|http|http2|https|tls|dgram|dns|worker_threads|cluster|readline)(?:\/|$)/;

/** The layers that touch neither disk nor network nor another process. */
export const PURE_LAYERS = ["model", "wire", "ports"];

/** Ports without a contract suite of their own, each with the reason. */
export const PORTS_WITHOUT_CONTRACT: Readonly<Record<string, string>> = {
  apps: "what is deployed and what it logged; the commands that show it are tested against the local backend",
  backend: "the set of ports that makes a backend; it has no behaviour of its own",
  backends: "how a program finds its backend; it is what the suites are started with",
  "make-port": "makes ports out of their operations; it has no behaviour of its own",
  operation: "how a port says its operations as data; the ports that do have suites",
  "named-objects": "what every kind of named object shares; each kind's own suite runs it",
  events: "what a library says instead of printing; a type without behaviour",
};

/** The files of an adapter, the same in each of their folders. */
export const ADAPTER_FILES = ["aws.ts", "errors.ts", "iam.ts", "limits.ts", "local.ts"];

/** A part of a long one is named after it: `local-driver.ts` belongs to `local.ts`. */
export const ADAPTER_PARTS = /^(?:aws|local)-[a-z0-9-]+\.ts$/;

/** The ones that every adapter has from its first day, on the local backend alone. */
export const LOCAL_FILES = ["errors.ts", "limits.ts", "local.ts"];

/** Files that a folder of an adapter does without, each with the reason. */
export const ABSENT_ADAPTER_FILES: Readonly<Record<string, string>> = {};

/** Longest file, in lines. */
export const MAX_LINES = 300;

/** Longest file of tests: a suite of one subject stays together. */
export const MAX_TEST_LINES = 400;

/** Longest function, in lines. */
export const MAX_FUNCTION_LINES = 80;

/** Files whose functions are tables: each entry of a contract is a test of its own. */
export const TABLES = /^src\/testing\/[a-z-]+-contract\.ts$/;

/** Longer files, each with the reason. */
export const LONG_FILES: Readonly<Record<string, string>> = {};

/** Files that may make a bare Error, each with the reason. */
export const BARE_ERROR_FILES: Readonly<Record<string, string>> = {
  "src/wire/error-codec.ts": "remakes an error of whatever class was sent, without running that class's constructor",
};

/** Files that may import each other, each group with the reason. */
export const CIRCLES: readonly { readonly files: readonly string[]; readonly reason: string }[] = [
  { files: ["src/wire/codec.ts", "src/wire/error-codec.ts"], reason: "a value may hold errors, and an error holds values" },
];
