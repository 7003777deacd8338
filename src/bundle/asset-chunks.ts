/** One file of the asset that every App on Lambda is deployed as. */
export interface AssetChunk {
  /** The modules it is made of, relative to Tenon's folder; none for a file that only holds what others share. */
  readonly sources: readonly string[];
  /** The most that it may weigh, minified. A test holds it. */
  readonly budgetBytes: number;
}

/** Chunks that are linked to each other: none of them holds what another one holds. */
export interface ChunkFamily {
  /** It holds all that it reaches itself, and what others share with what is loaded beside it. The others import that from it. */
  readonly root: string;
  /** Holds what several others share that are loaded later: a chunk that is in every asset. */
  readonly shared: string;
  readonly chunks: Readonly<Record<string, AssetChunk>>;
}

/** The chunks of one noun, which are in an asset only when its App imports the noun. */
export interface NounChunks {
  /** The names of `tenon` that an App imports. */
  readonly names: readonly string[];
  /** The chunk that gives these names. It is loaded with the App; the others, when the noun is first used. */
  readonly file: string;
  readonly chunks: Readonly<Record<string, AssetChunk>>;
}

/** The nouns that have chunks of their own. */
export const NOUNS = {
  dict: {
    names: ["Dict", "EphemeralDict"],
    file: "dict.mjs",
    chunks: {
      "dict.mjs": { sources: ["src/sdk/dict.ts"], budgetBytes: 12_000 },
      "dict-aws.mjs": { sources: ["src/adapters/dict/aws-open.ts"], budgetBytes: 20_000 },
    },
  },
} as const satisfies Readonly<Record<string, NounChunks>>;

/** A noun with chunks of its own. */
export type Noun = Extract<keyof typeof NOUNS, string>;

/** What a container of a Function is made of. Lambda loads `init.mjs` and `runtime.mjs` at init, and the rest is loaded at its first use. */
export const RUNTIME_CHUNKS: ChunkFamily = {
  root: "runtime.mjs",
  shared: "calls.mjs",
  chunks: {
    "runtime.mjs": { sources: ["src/runtime/lambda/entry.ts"], budgetBytes: 100_000 },
    "init.mjs": { sources: ["src/runtime/lambda/init.ts"], budgetBytes: 1_000 },
    "calls.mjs": {
      sources: ["src/adapters/aws-ports.ts", "src/runtime/lambda/durable-call.ts", "src/runtime/lambda/large-values.ts"],
      budgetBytes: 34_000,
    },
    "map.mjs": { sources: ["src/sdk/calls/map/map-run.ts"], budgetBytes: 8_000 },
    ...Object.assign({}, ...Object.values(NOUNS).map(({ chunks }) => chunks)),
  },
};

/** The clients of AWS, a file for each service. Each is loaded at the first request to its service. */
export const AWS_CHUNKS: ChunkFamily = {
  root: "aws-core.mjs",
  shared: "aws-core.mjs",
  chunks: {
    "aws-core.mjs": { sources: [], budgetBytes: 210_000 },
    "aws-dynamodb.mjs": { sources: ["src/adapters/aws/dynamodb.ts", "src/adapters/aws/data-table.ts"], budgetBytes: 60_000 },
    "aws-lambda.mjs": { sources: ["src/adapters/aws/lambda.ts"], budgetBytes: 75_000 },
    "aws-s3.mjs": { sources: ["src/adapters/aws/s3.ts"], budgetBytes: 130_000 },
    "aws-sqs.mjs": { sources: ["src/adapters/aws/sqs.ts"], budgetBytes: 30_000 },
    "aws-ssm.mjs": { sources: ["src/adapters/aws/ssm.ts"], budgetBytes: 85_000 },
  },
};

/** Files that are loaded without the runtime: each holds all that it needs beside the clients of AWS. */
export const LONE_CHUNKS = {
  "watchdog.mjs": { sources: ["src/runtime/lambda/watchdog-thread.ts"], budgetBytes: 4_000 },
  "dispatcher.mjs": { sources: ["src/runtime/lambda/dispatcher-entry.ts"], budgetBytes: 55_000 },
} as const satisfies Readonly<Record<string, AssetChunk>>;

/** What the environment's own Lambda function is made of, beside the clients of AWS. */
export const ENVIRONMENT_CHUNKS = {
  "sweeper.mjs": { sources: ["src/runtime/lambda/sweeper-entry.ts"], budgetBytes: 40_000 },
} as const satisfies Readonly<Record<string, AssetChunk>>;

/**
 * What is left out of the asset: a module, or a package, and the module that stands in its place. The compiler checks each
 * of these against what it stands for.
 */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  "src/adapters/apps/aws-operator.ts": "src/runtime/lambda/left-out/app-operator.ts",
  "src/bridge.ts": "src/runtime/lambda/left-out/bridge.ts",
  "src/model/app-options.ts": "src/runtime/lambda/left-out/app-options.ts",
  "src/model/function-env.ts": "src/runtime/lambda/left-out/function-env.ts",
  "src/model/function-option-names.ts": "src/runtime/lambda/left-out/function-option-names.ts",
  "src/model/brake.ts": "src/runtime/lambda/left-out/brake.ts",
  "src/model/permissions.ts": "src/runtime/lambda/left-out/permissions.ts",
  "src/sdk/calls/map/map-run.ts": "src/runtime/lambda/left-out/map-run.ts",
  "src/sdk/app-run.ts": "src/runtime/lambda/left-out/app-run.ts",
  "src/sdk/entrypoint/local-entrypoint.ts": "src/runtime/lambda/left-out/local-entrypoint.ts",
  "@aws-sdk/credential-provider-node": "src/adapters/aws/environment-credentials.ts",
};

/** Every file of Tenon's that an asset may hold. */
export const ASSET_CHUNKS: Readonly<Record<string, AssetChunk>> = { ...RUNTIME_CHUNKS.chunks, ...AWS_CHUNKS.chunks, ...LONE_CHUNKS };
