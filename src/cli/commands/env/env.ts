import type { CommandGroup } from "../../kit/command.ts";
import { deploy } from "./deploy.ts";
import { destroy } from "./destroy.ts";
import { list } from "./list.ts";
import { synth } from "./synth.ts";

/** `tenon env …`. */
export const env: CommandGroup = {
  noun: "env",
  summary: "make, list and delete environments on AWS",
  verbs: [synth, deploy, list, destroy],
};
