import { apps } from "./apps.ts";
import { calls } from "./calls.ts";
import { dict } from "./dict.ts";
import { functions } from "./functions.ts";
import type { Kind } from "./kind.ts";

/** Every kind, in the order in which its statements, resources and lines of `plan` come. */
export const KINDS: readonly Kind[] = [functions, calls, apps, dict];
