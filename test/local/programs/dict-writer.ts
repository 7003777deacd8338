// Changes the pairs of a Dict in every way there is, until it is killed.
import { createLocalDict } from "../../../src/adapters/dict/local.ts";
import { openObjects } from "../../../src/adapters/lmdb/state.ts";
import { encode } from "../../../src/wire/codec.ts";
import { encodeKey } from "../../../src/wire/key.ts";

const stateDir = process.argv[2]!;
let seed = Number(process.argv[3]);
const random = (below: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const dict = createLocalDict({ rows: async () => (await openObjects(stateDir)).rows, environment: "dev" });
const ref = await dict.open("pairs", { createIfMissing: true });
const sizes = [3, 500, 5_000, 200_000, 2_000_000];

/** A value that says how long it is, beside bytes of that length. */
const value = () => {
  const size = sizes[random(sizes.length)]!;
  return encode([size, Buffer.alloc(size, size % 251)]);
};
const key = () => encodeKey(random(2) === 0 ? random(20) : "long".repeat(200 + random(20)));

for (let i = 0; ; i++) {
  const what = random(10);
  if (what < 5) await dict.put(ref, key(), value());
  else if (what < 7)
    await dict.update(
      ref,
      Array.from({ length: 1 + random(30) }, () => ({ key: key(), value: value() })),
    );
  else if (what < 9) await dict.pop(ref, key());
  else {
    const { name } = await dict.open("short-lived", { createIfMissing: true });
    const short = await dict.open(name);
    await dict.update(
      short,
      Array.from({ length: 2_500 }, (_, n) => ({ key: encodeKey(n), value: encode(n) })),
    );
    await dict.delete(name);
  }
  if (i === 0) process.send!({ kind: "writing" });
}
