import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND, YES } from "../shared-flags.ts";
import type { ObjectKind } from "./kind.ts";

type Words = Pick<ObjectKind, "noun" | "word">;

const nameOf = (word: string) => ({ name: { term: "name", description: `the ${word}'s name` } }) as const;

/** What the help says of `tenon <noun> list`. */
export const listSpec = ({ noun, word }: Words) =>
  ({
    name: "list",
    summary: `list the ${word}s of the environment`,
    description: `Lists the ${word}s of the environment, newest first. ${word}s without a name are not listed.`,
    args: {},
    flags: {
      ...BACKEND,
      maxItems: { type: "integer", short: "n", value: "count", min: 1, max: 100_000, description: `list at most so many ${word}s` },
    },
    examples: [`tenon ${noun} list --local`, `tenon ${noun} list --aws --json`],
  }) as const satisfies CommandSpec;

/** What the help says of `tenon <noun> create`. */
export const createSpec = ({ noun, word }: Words) =>
  ({
    name: "create",
    summary: `create a ${word}`,
    description: `Creates an empty ${word} in the environment. All Apps of the environment can use it, and it outlives them. It is refused when there is a ${word} of this name already.`,
    args: nameOf(word),
    flags: { ...BACKEND, allowExisting: { type: "boolean", description: `succeed when the ${word} exists, and leave it as it is` } },
    examples: [`tenon ${noun} create --local seen`, `tenon ${noun} create --aws --allow-existing seen`],
  }) as const satisfies CommandSpec;

/** What the help says of `tenon <noun> delete`. */
export const deleteSpec = ({ noun, word }: Words) =>
  ({
    name: "delete",
    summary: `delete a ${word} and everything in it`,
    description: `Deletes a ${word} and everything in it, for good. A ${word} that is created under the same name later is another one.`,
    args: nameOf(word),
    flags: { ...BACKEND, yes: YES, allowMissing: { type: "boolean", description: `succeed when there is no such ${word}` } },
    examples: [`tenon ${noun} delete --local seen`, `tenon ${noun} delete --aws --yes seen`],
  }) as const satisfies CommandSpec;

/** What the help says of `tenon <noun> info`. */
export const infoSpec = ({ noun, word }: Words) =>
  ({
    name: "info",
    summary: `show what is known of a ${word}`,
    description: `Shows the id of a ${word}, when and by whom it was created, and how much is in it.`,
    args: nameOf(word),
    flags: BACKEND,
    examples: [`tenon ${noun} info --local seen`, `tenon ${noun} info --aws --json seen`],
  }) as const satisfies CommandSpec;
