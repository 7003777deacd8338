import type { CommandGroup } from "../../kit/command.ts";
import { list } from "./list.ts";
import { logs } from "./logs.ts";
import { stop } from "./stop.ts";

/** `tenon app …`. */
export const app: CommandGroup = { noun: "app", summary: "list, stop and watch deployed Apps", verbs: [list, stop, logs] };
