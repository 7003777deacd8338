import fc from "fast-check";

/** Makes a fresh value each time, so that tests may tie knots into it. */
export type Make = () => unknown;

const make = <T>(arbitrary: fc.Arbitrary<T>, copy: (value: T) => unknown = (value) => value): fc.Arbitrary<Make> =>
  arbitrary.map((value) => () => copy(value));

const bytes = fc.uint8Array({ maxLength: 64 });
const views = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** Strings with everything that needs care in JSON and UTF-8: quotes, controls, separators, lone surrogates. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "\ud800", "\udc00x", "\u2028", "</script>", '"\\', "__proto__", "constructor", "\0"),
);
const key = text.filter((name) => name !== "__proto__");

const leaf: fc.Arbitrary<Make> = fc.oneof(
  { weight: 4, arbitrary: make(text) },
  {
    weight: 4,
    arbitrary: make(
      fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53)),
    ),
  },
  { weight: 2, arbitrary: make(fc.constantFrom(undefined, null, true, false)) },
  make(fc.bigInt()),
  make(fc.date({ noInvalidDate: false }), (date) => new Date(date)),
  make(fc.constantFrom(/a+b/giu, /[/\\"]/, new RegExp("")), (pattern) => new RegExp(pattern)),
  make(fc.webUrl(), (url) => new URL(url)),
  make(bytes, (some) => Buffer.from(some)),
  make(bytes, (some) => new Uint8Array(some).buffer),
  make(bytes, (some) => new DataView(new Uint8Array(some).buffer)),
  fc.tuple(bytes, fc.constantFrom(...views), fc.boolean()).map(([some, View, offset]) => () => {
    const size = View.BYTES_PER_ELEMENT;
    const count = Math.floor(some.length / size);
    const memory = new Uint8Array(some.length + size);
    memory.set(some, offset ? size : 0);
    return new View(memory.buffer, offset ? size : 0, count);
  }),
);

/** Any value that can be sent, without repeated references. */
export const anyTree: fc.Arbitrary<Make> = fc.letrec<{ value: Make }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 6 }).map((items) => () => items.map((item) => item())),
    fc.sparseArray(tie("value"), { maxNumElements: 4, maxLength: 3_000 }).map((items) => () => items.map((item) => item())),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map((entries) => () => fill({}, entries)),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((entries) => () => fill(Object.create(null) as object, entries)),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((entries) => () => new Map(entries.map(([k, v]) => [k(), v()]))),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => () => new Set(items.map((item) => item()))),
  ),
})).value;

function fill(object: object, entries: readonly (readonly [string, Make])[]): object {
  for (const [name, value] of entries)
    Object.defineProperty(object, name, { value: value(), enumerable: true, writable: true, configurable: true });
  return object;
}

/** Any value that can be sent, with repeated references and cycles tied into it. */
export const anyValue: fc.Arbitrary<Make> = fc.tuple(anyTree, fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 4 })).map(
  ([value, knots]) =>
    () =>
      tieKnots(value(), knots),
);

function tieKnots(value: unknown, knots: readonly (readonly [number, number])[]): unknown {
  const objects: object[] = [];
  const collect = (thing: unknown): void => {
    if (typeof thing !== "object" || thing === null) return;
    objects.push(thing);
    if (thing instanceof Map) for (const v of thing.values()) collect(v);
    else if (thing instanceof Set) thing.forEach(collect);
    else if (!ArrayBuffer.isView(thing)) Object.values(thing).forEach(collect);
  };
  collect(value);
  knots.forEach(([at, to], index) => {
    const target = objects[to % objects.length];
    const from = objects[at % objects.length];
    if (from === undefined || target === undefined) return;
    if (Array.isArray(from)) from.push(target);
    else if (from instanceof Map) from.set(target, from);
    else if (from instanceof Set) from.add(target);
    else if (Object.getPrototypeOf(from) === null || Object.getPrototypeOf(from) === Object.prototype)
      (from as Record<string, unknown>)[`knot${index}`] = target;
  });
  return value;
}

/** Where two values first differ, as a path; `undefined` when they are the same graph: values, classes, order, identities. */
export function difference(left: unknown, right: unknown): string | undefined {
  const there = new Map<unknown, unknown>();
  const back = new Map<unknown, unknown>();
  const compare = (a: unknown, b: unknown, path: string): string | undefined => {
    if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return Object.is(a, b) ? undefined : path;
    if (there.has(a) || back.has(b)) return there.get(a) === b && back.get(b) === a ? undefined : `${path} (identity)`;
    there.set(a, b);
    back.set(b, a);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path} (class)`;
    if (a instanceof Date || a instanceof RegExp || a instanceof URL)
      return Object.is(Number(a), Number(b)) && (a instanceof Date || `${a}` === `${b as URL}`) ? undefined : path;
    if (a instanceof ArrayBuffer) return Buffer.from(a).equals(Buffer.from(b as ArrayBuffer)) ? undefined : path;
    if (ArrayBuffer.isView(a)) return viewBytes(a).equals(viewBytes(b as ArrayBufferView)) ? undefined : path;
    if (a instanceof Map || a instanceof Set) return compare([...a], [...(b as Map<unknown, unknown> | Set<unknown>)], `${path}()`);
    if (Array.isArray(a) && a.length !== (b as unknown[]).length) return `${path}.length`;
    const keys = Object.keys(a);
    if (keys.join("\0") !== Object.keys(b).join("\0")) return `${path} (keys)`;
    for (const name of keys) {
      const found = compare((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name], `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return compare(left, right, "value");
}

/** The bytes of a view, whatever its class. */
export function viewBytes(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
