import { command, type CommandGroup } from "../../kit/command.ts";
import { spec as list } from "./list.ts";
import { spec as logs } from "./logs.ts";
import { spec as stop } from "./stop.ts";

/** `tenon app …`. */
export const app: CommandGroup = {
  noun: "app",
  summary: "list, stop and watch deployed Apps",
  verbs: [
    command(list, () => import("./list-body.ts")),
    command(stop, () => import("./stop-body.ts")),
    command(logs, () => import("./logs-body.ts")),
  ],
};
