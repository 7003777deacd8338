import { UsageError } from "./failures.ts";
import { nearest } from "../../util/nearest.ts";
import { showNumber } from "../../util/show-value.ts";

/** What every kind of flag says of itself. */
interface FlagBase {
  /** One letter, for `-n`. */
  readonly short?: string;
  readonly description: string;
}

/** A flag as data. Its key in {@link FlagSpecs} is its name: `maxItems` is written `--max-items`. */
export type FlagSpec =
  | (FlagBase & { readonly type: "boolean" })
  /** `value` stands for the value in the help: `--output <folder>`. */
  | (FlagBase & { readonly type: "text"; readonly value: string; readonly default?: string })
  | (FlagBase & { readonly type: "choice"; readonly value: string; readonly choices: readonly string[]; readonly default?: string })
  | (FlagBase & {
      readonly type: "integer";
      readonly value: string;
      readonly min: number;
      readonly max: number;
      readonly default?: number;
    });

/** The flags of a command, by name. */
export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

/** What flags of these specs hold once they are read: `undefined` for one that was left out and has no default. */
export type FlagsOf<F extends FlagSpecs> = { readonly [K in keyof F]: FlagValue<F[K]> };

/** Flags as they were typed: texts, `true` for one without a value. */
export type TypedFlags = Readonly<Record<string, string | boolean | undefined>>;

type FlagValue<F> = F extends { readonly type: "boolean" }
  ? boolean
  : ValueOf<F> | (F extends { readonly default: unknown } ? never : undefined);
type ValueOf<F> = F extends { readonly type: "choice"; readonly choices: readonly (infer C)[] }
  ? C
  : F extends { readonly type: "integer" }
    ? number
    : string;

/** The flag of an option as it is written: `maxWords` is `max-words`. */
export function flagName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^-/, "");
}

/** The flag as the help shows it: `-n, --tail <lines>`. */
export function flagTerm(name: string, flag: FlagSpec): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  return `${short}--${flagName(name)}${flag.type === "boolean" ? "" : ` <${flag.value}>`}`;
}

/** Reads and checks what was typed. Throws `UsageError` for a value that its flag does not take. */
export function readFlags<F extends FlagSpecs>(specs: F, typed: TypedFlags): FlagsOf<F> {
  const read = Object.entries(specs).map(([name, flag]) => [name, readFlag(`--${flagName(name)}`, flag, typed[name])] as const);
  return Object.fromEntries(read) as FlagsOf<F>;
}

// --- Internal helpers ---

function readFlag(written: string, flag: FlagSpec, typed: string | boolean | undefined): string | number | boolean | undefined {
  if (flag.type === "boolean") return typed === true;
  if (typeof typed !== "string") return flag.default;
  if (flag.type === "integer") return readInteger(written, flag, typed);
  if (flag.type === "choice" && !flag.choices.includes(typed)) {
    const close = nearest(typed, flag.choices);
    throw new UsageError(`Unknown value of ${written}: ${JSON.stringify(typed)}. It must be ${flag.choices.join(" or ")}.`, {
      hint:
        close === undefined
          ? `Write one of ${flag.choices.map((choice) => `${written} ${choice}`).join(", ")}.`
          : `Write ${written} ${close}.`,
    });
  }
  return typed;
}

/** A number to give as an example. */
const ANY = 100;

function readInteger(written: string, { min, max, default: usual }: Extract<FlagSpec, { type: "integer" }>, typed: string): number {
  const value = typed.trim() === "" ? Number.NaN : Number(typed);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(
    `Invalid value of ${written}: ${JSON.stringify(typed)}. It must be a whole number from ${showNumber(min)} to ${showNumber(max)}.`,
    { hint: usual === undefined ? `Write ${written} ${Math.min(max, Math.max(min, ANY))}, or leave it out.` : `Write ${written} ${usual}, or leave it out for the same.` }, // prettier-ignore
  );
}
