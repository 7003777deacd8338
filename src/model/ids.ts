import { lazyCrypto } from "../util/lazy-crypto.ts";
import type { ObjectIdPrefix } from "./object-kinds.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Characters after the kind's prefix: 14 drawn once per process (83 bits), 6 that count, 2 that count fast. */
const RANDOM_LENGTH = 14;
const SLOW_LENGTH = 6;
/** All of an id but its prefix. */
const ID_LENGTH = 22;
const LETTERS = Array.from(ALPHABET);
const PAIRS = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));

let processPart: string | undefined;
let head = "";
let slow = 0;
let fast = PAIRS.length;

/** A new id of a call: `fc-` and 22 letters or digits, unique across processes. */
export function newCallId(): string {
  return `fc-${unique()}`;
}

/** A new id of an input of a call: `in-` and 22 letters or digits. */
export function newInputId(): string {
  return `in-${unique()}`;
}

/** A new id of a container: `ta-` and 22 letters or digits. */
export function newContainerId(): string {
  return `ta-${unique()}`;
}

/** A new id of a named object: the prefix of its kind, a dash, and 22 letters or digits, such as `di-0001x…`. */
export function newObjectId(prefix: ObjectIdPrefix): string {
  return `${prefix}-${unique()}`;
}

/** The id of a container from a name that the platform gave it and nothing else: its last 22 letters and digits, or a new id without so many. */
export function containerIdOf(name: string | undefined): string {
  const letters = (name ?? "").replaceAll(/[^0-9A-Za-z]/g, "");
  return letters.length < ID_LENGTH ? newContainerId() : `ta-${letters.slice(-ID_LENGTH)}`;
}

/** Whether a value is an id that {@link newCallId} makes. */
export function isCallId(value: unknown): value is string {
  return typeof value === "string" && /^fc-[0-9A-Za-z]{22}$/.test(value);
}

/** Whether a value is an id that {@link newInputId} makes. */
export function isInputId(value: unknown): value is string {
  return typeof value === "string" && /^in-[0-9A-Za-z]{22}$/.test(value);
}

/** Whether a value is an id that {@link newContainerId} makes. */
export function isContainerId(value: unknown): value is string {
  return typeof value === "string" && /^ta-[0-9A-Za-z]{22}$/.test(value);
}

// --- Internal helpers ---

function unique(): string {
  if (fast === PAIRS.length) {
    processPart ??= Array.from(lazyCrypto().randomBytes(RANDOM_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
    head = processPart + digits(slow++, SLOW_LENGTH);
    fast = 0;
  }
  return head + PAIRS[fast++];
}

function digits(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / ALPHABET.length)) text = ALPHABET[rest % ALPHABET.length] + text;
  return text;
}
