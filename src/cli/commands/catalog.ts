import type { CommandSpec, FlagSpec } from "../kit/command.ts";

const LOCAL: FlagSpec = { flags: "--local", description: "look on this machine (same as TENON_BACKEND=local)" };

const OUTPUT: FlagSpec = {
  flags: "-o, --output <folder>",
  description: "folder of the cloud assembly (default: CDK_OUTDIR, else cdk.out)",
};

const ARCHITECTURE: FlagSpec = {
  flags: "--architecture <name>",
  description: "processor of the Lambda functions: arm64 or x86_64",
  default: "arm64",
};

const YES: FlagSpec = { flags: "-y, --yes", description: "do not ask" };

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    summary: "run an entrypoint or a Function of a file",
    description: `Bundles the file, starts its App, by default on this machine, runs one entrypoint or Function, and stops the App.

The name may be left out when the file has one entrypoint, or no entrypoint and one Function.

What follows the file belongs to the entrypoint: "tenon run app.ts --help" shows its flags. Tenon's own flags go before the file, so the two never clash.

With --aws only the entrypoint runs here: the App is deployed as a stack of its own for as long as it takes, and what its containers write is shown here. The stack goes when the command ends, Ctrl-C included; what a killed command has left, the next one removes.

A Function's arguments are JSON where they parse as JSON, else text; its result is printed on stdout, a generator's items one per line.`,
    args: [
      { name: "<file[::name]>", description: "the file that declares the App, and what to run of it" },
      { name: "[args...]", description: "flags and arguments of the entrypoint, or arguments of the Function" },
    ],
    flags: [
      { flags: "--raw", description: "take every argument of a Function as text" },
      { flags: "--aws", description: "let the Functions run on AWS, in a stack that is removed at the end" },
      ARCHITECTURE,
      { flags: "-y, --yes", description: "with --aws: deploy the environment when it is missing, without asking" },
    ],
    examples: [
      "tenon run wordcount.ts --file moby-dick.txt",
      "tenon run --aws wordcount.ts --file moby-dick.txt",
      `tenon run wordcount.ts::count "the whale"`,
      `tenon run --json shop.ts::charge '{"cents": 1200}'`,
    ],
    passThrough: true,
    load: () => import("./run.ts"),
  },
  {
    name: "deploy",
    summary: "deploy an App to AWS, or keep it on this machine",
    description: `Bundles the file and deploys its App as a CDK stack, in the account and region that the AWS SDK finds. Deploying again changes what has changed; when nothing has, it does nothing. Needs aws-cdk-lib, constructs and @aws-cdk/toolkit-lib, and an account that is bootstrapped for the CDK. When its environment (-e, --env) is missing, it asks whether to deploy that first.

With --local, or TENON_BACKEND=local, the App is kept on this machine: its containers start at the first call and stop when idle; calls in flight end on the version they began with.`,
    args: [{ name: "<file>", description: "the file that declares the App" }],
    flags: [
      { flags: "--local", description: "deploy on this machine" },
      ARCHITECTURE,
      { flags: "-y, --yes", description: "deploy the environment too when it is missing, without asking" },
    ],
    examples: ["tenon deploy wordcount.ts", "tenon deploy --env prod --yes wordcount.ts", "tenon deploy --local wordcount.ts"],
    load: () => import("./deploy.ts"),
  },
  {
    name: "destroy",
    summary: "delete an App's stack on AWS",
    description: `Deletes the stack of an App, with its Functions, its logs and its calls that have not ended. What its environment holds stays: Dicts, outcomes of calls. Waits until it is gone.`,
    args: [{ name: "<app|file>", description: "the App's name, or the file that declares it" }],
    flags: [YES],
    examples: ["tenon destroy wordcount", "tenon destroy --env prod --yes wordcount.ts"],
    load: () => import("./destroy.ts"),
  },
  {
    name: "plan",
    summary: "show what an App becomes on AWS",
    description: `Shows what each Function of the file becomes on AWS and why, where AWS does not give what was asked for, and what it costs, also while it is idle. Works offline. Exits with 1 when a Function can't be on AWS.`,
    args: [{ name: "<file>", description: "the file that declares the App" }],
    flags: [{ flags: "--iam", description: "also say what each role may do, in words; with --json, the policies too" }],
    examples: ["tenon plan wordcount.ts", "tenon plan --iam wordcount.ts", "tenon plan --json --env prod wordcount.ts"],
    load: () => import("./plan.ts"),
  },
  {
    name: "synth",
    summary: "write the CDK stack of an App",
    description: `Bundles the file and writes a cloud assembly with the stack of its App, which the CDK's own command deploys. Needs aws-cdk-lib and constructs; works offline.

The App runs in an environment of the same account and region: see "tenon env synth".`,
    args: [{ name: "<file>", description: "the file that declares the App" }],
    flags: [
      OUTPUT,
      { flags: "--parts", description: "print what the stack is made from instead: manifest and folder of the code" },
      ARCHITECTURE,
    ],
    examples: [`cdk deploy --app "npx tenon synth wordcount.ts"`, "tenon synth --env prod --output cdk.out wordcount.ts"],
    load: () => import("./synth.ts"),
  },
  {
    name: "env synth",
    summary: "write the CDK stack of an environment",
    description: `Writes a cloud assembly with the stack of the environment (-e, --env), which all of its Apps share: tables, a bucket, a version. Deploy it once before its first App. Needs aws-cdk-lib and constructs; works offline.`,
    args: [],
    flags: [OUTPUT],
    examples: [`cdk deploy --app "npx tenon env synth"`, "tenon env synth --env prod"],
    load: () => import("./env/synth.ts"),
  },
  {
    name: "env deploy",
    summary: "deploy an environment to AWS",
    description: `Deploys the stack of the environment (-e, --env), which all of its Apps share: two tables, a bucket, a version. It costs nothing while nothing runs. Deploy it again after an update of Tenon that asks for it.`,
    args: [],
    flags: [],
    examples: ["tenon env deploy", "tenon env deploy --env prod"],
    load: () => import("./env/deploy.ts"),
  },
  {
    name: "env list",
    summary: "list the environments of the account",
    description: "Lists the environments of the account in this region, with the Apps that are deployed in each.",
    args: [],
    flags: [],
    examples: ["tenon env list", "tenon env list --json"],
    load: () => import("./env/list.ts"),
  },
  {
    name: "env destroy",
    summary: "delete an environment's stack on AWS",
    description: `Deletes the stack of the environment (-e, --env). It is refused while Apps are deployed in it. Its data table and its bucket stay: what is in them is yours to delete.`,
    args: [],
    flags: [YES],
    examples: ["tenon env destroy --env staging"],
    load: () => import("./env/destroy.ts"),
  },
  {
    name: "call",
    summary: "call a Function of a deployed App",
    description: `Calls a Function of a deployed App and prints its result on stdout, a generator's items one per line. Arguments are JSON where they parse as JSON, else text; those that begin with "-" go after "--".`,
    args: [
      { name: "<app/function>", description: "the App's name and the Function's" },
      { name: "[args...]", description: "what the Function is called with, in order" },
    ],
    flags: [
      LOCAL,
      { flags: "--raw", description: "take every argument as text" },
      { flags: "--spawn", description: "do not wait: print the call's id (fc-…), kept 7 days" },
      { flags: "--get", description: "wait for a spawned call: its id stands in place of app/function" },
    ],
    examples: [
      `TENON_BACKEND=aws tenon call wordcount/count "the whale"`,
      `tenon call --local wordcount/count "the whale"`,
      `tenon call --local --spawn wordcount/count "the whale"`,
      "tenon call --local --get fc-0123456789",
    ],
    load: () => import("./call.ts"),
  },
  {
    name: "app list",
    summary: "list the deployed Apps of the environment",
    description: "Lists the Apps of the environment, newest first.",
    args: [],
    flags: [LOCAL],
    examples: ["tenon app list --local", "tenon app list --local --json"],
    load: () => import("./app/list.ts"),
  },
  {
    name: "app stop",
    summary: "stop a deployed App",
    description: "Stops a deployed App: it takes no further call and what runs is cancelled. Deploy it again to have it back.",
    args: [{ name: "<name>", description: "the App's name" }],
    flags: [LOCAL, YES],
    examples: ["tenon app stop --local --yes wordcount"],
    load: () => import("./app/stop.ts"),
  },
  {
    name: "app logs",
    summary: "show what a deployed App's containers wrote",
    description: "Shows the log of a deployed App, oldest line first.",
    args: [{ name: "<name>", description: "the App's name" }],
    flags: [
      LOCAL,
      { flags: "-f, --follow", description: "wait for new lines until Ctrl-C" },
      { flags: "-n, --tail <lines>", description: "the newest so many lines, at most 20,000", default: 100 },
      { flags: "--function <name>", description: "lines of this Function only" },
      { flags: "--call <id>", description: "lines of this call only (fc-…)" },
    ],
    examples: ["tenon app logs --local wordcount -f", "tenon app logs --local wordcount -n 20 --function count"],
    load: () => import("./app/logs.ts"),
  },
];

/** What the words before a verb stand for. */
export const GROUPS: Readonly<Record<string, string>> = {
  app: "list, stop and watch deployed Apps",
  env: "make, list and delete environments on AWS",
};
