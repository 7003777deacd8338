import { command, type Command, type CommandGroup } from "../kit/command.ts";
import { app } from "./app/app.ts";
import { spec as call } from "./call.ts";
import { spec as deploy } from "./deploy.ts";
import { spec as destroy } from "./destroy.ts";
import { dict } from "./dict/dict.ts";
import { env } from "./env/env.ts";
import { spec as plan } from "./plan.ts";
import { spec as run } from "./run.ts";
import { spec as synth } from "./synth.ts";

/** Every command and group of commands, in the order of the help. */
export const TENON_COMMANDS: readonly (Command | CommandGroup)[] = [
  command(run, () => import("./run-body.ts")),
  command(deploy, () => import("./deploy-body.ts")),
  command(destroy, () => import("./destroy-body.ts")),
  command(plan, () => import("./plan-body.ts")),
  command(synth, () => import("./synth-body.ts")),
  env,
  command(call, () => import("./call-body.ts")),
  app,
  dict,
];

/** Whether an entry of the catalog is a noun with verbs. */
export function isGroup(entry: Command | CommandGroup): entry is CommandGroup {
  return "verbs" in entry;
}

/** What the words of a command line name, as far as they name anything: `app list`, or the group `app` alone. */
export function findCommand(words: readonly string[]): { readonly name: string | undefined; readonly group: string | undefined } {
  const [first, second] = words;
  for (const entry of TENON_COMMANDS) {
    if (!isGroup(entry)) {
      if (entry.spec.name === first) return { name: first, group: undefined };
    } else if (entry.noun === first) {
      const known = entry.verbs.some(({ spec }) => spec.name === second);
      return { name: known ? `${first} ${second}` : first, group: first };
    }
  }
  return { name: undefined, group: undefined };
}
