import { command, type CommandGroup } from "../../kit/command.ts";
import type { ObjectKind } from "../objects/kind.ts";
import { objectVerbs } from "../objects/verbs.ts";
import { spec as clear } from "./clear.ts";
import { spec as get } from "./get.ts";
import { spec as items } from "./items.ts";
import { spec as put } from "./put.ts";

const KIND: ObjectKind = {
  noun: "dict",
  word: "Dict",
  port: (backend) => backend.objects.dict,
  details: async (backend, ref) => ({ pairs: await backend.objects.dict.len(ref) }),
};

const { list, create, info, remove } = objectVerbs(KIND);

/** `tenon dict …`. */
export const dict: CommandGroup = {
  noun: "dict",
  summary: "create, read, change and delete Dicts",
  verbs: [
    list,
    create,
    info,
    command(get, () => import("./get-body.ts")),
    command(put, () => import("./put-body.ts")),
    command(items, () => import("./items-body.ts")),
    command(clear, () => import("./clear-body.ts")),
    remove,
  ],
};
