import type { CommandGroup } from "../../kit/command.ts";
import type { ObjectKind } from "../objects/kind.ts";
import { objectVerbs } from "../objects/verbs.ts";
import { clear } from "./clear.ts";
import { get } from "./get.ts";
import { items } from "./items.ts";
import { put } from "./put.ts";

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
  verbs: [list, create, info, get, put, items, clear, remove],
};
