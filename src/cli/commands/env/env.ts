import { command, type CommandGroup } from "../../kit/command.ts";
import { spec as deploy } from "./deploy.ts";
import { spec as destroy } from "./destroy.ts";
import { spec as list } from "./list.ts";
import { spec as policy } from "./policy.ts";
import { spec as synth } from "./synth.ts";

/** `tenon env …`. */
export const env: CommandGroup = {
  noun: "env",
  summary: "make, list and delete environments on AWS",
  verbs: [
    command(synth, () => import("./synth-body.ts")),
    command(deploy, () => import("./deploy-body.ts")),
    command(list, () => import("./list-body.ts")),
    command(destroy, () => import("./destroy-body.ts")),
    command(policy, () => import("./policy-body.ts")),
  ],
};
