import type { Command, CommandGroup } from "../kit/command.ts";
import { app } from "./app/app.ts";
import { call } from "./call.ts";
import { deploy } from "./deploy.ts";
import { destroy } from "./destroy.ts";
import { dict } from "./dict/dict.ts";
import { env } from "./env/env.ts";
import { plan } from "./plan.ts";
import { run } from "./run.ts";
import { synth } from "./synth.ts";

/** Every command and group of commands, in the order of the help. */
export const TENON_COMMANDS: readonly (Command | CommandGroup)[] = [run, deploy, destroy, plan, synth, env, call, app, dict];

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
