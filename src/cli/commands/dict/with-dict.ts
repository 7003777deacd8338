import type { DictPort } from "../../../ports/dict.ts";
import type { ObjectRef } from "../../../ports/named-objects.ts";
import { withBackend } from "../../apps/backend.ts";
import type { CommandContext } from "../../kit/command.ts";
import type { BackendFlags } from "../../kit/place.ts";
import { type HintParams, missingHint, withHint } from "../objects/hints.ts";
import { checkObjectName } from "../objects/kind.ts";

/** The Dict that a command works on. */
export interface WithDictParams {
  readonly context: CommandContext;
  readonly flags: BackendFlags;
  readonly name: string;
}

/** What a command does with a Dict. `where` says in words which backend it is on; `hints` serve to name commands on it. */
export type DictBody<T> = (port: DictPort, ref: ObjectRef, where: () => Promise<string>, hints: HintParams) => Promise<T>;

/** Lets a body work on a Dict that exists. Rejects with `NotFoundError` when it does not, `UsageError` for a wrong name. */
export function withDict<T>({ context, flags, name }: WithDictParams, body: DictBody<T>): Promise<T> {
  const checked = checkObjectName({ word: "Dict" }, name);
  return withBackend(context, flags, async (backend, where) => {
    const port = backend.objects.dict;
    const hints = { kind: { noun: "dict" }, backend, name: checked };
    const ref = await withHint(port.open(checked), () => missingHint(context, hints));
    return body(port, ref, where, hints);
  });
}
