import assert from "node:assert/strict";
import { AlreadyExistsError, NotFoundError } from "../model/errors.ts";
import type { ObjectPorts } from "../ports/backend.ts";
import type { Contract } from "./contract.ts";

/** What every kind of named object keeps to; a part of the contract of each. */
export function namedObjectsContract(kind: keyof ObjectPorts): Contract {
  return {
    async "an object that nobody has made is not found"({ objects: { [kind]: port } }) {
      await assert.rejects(port.open(newName()), NotFoundError);
    },

    async "createIfMissing makes one; from then on everyone finds the same"({ objects: { [kind]: port } }) {
      const name = newName();
      const made = await port.open(name, { createIfMissing: true });
      assert.equal(made.name, name);
      assert.match(made.id, /^[a-z]{2}-[0-9A-Za-z]{22}$/);
      assert.ok(Math.abs(made.createdAtMs - Date.now()) < 300_000);
      assert.deepEqual(await port.open(name), made);
      assert.deepEqual(await port.open(name, { createIfMissing: true }), made);
      assert.deepEqual(await port.info(made), made);
    },

    async "all who make one object at once get the same"({ objects: { [kind]: port } }) {
      const name = newName();
      const made = await Promise.all(Array.from({ length: 10 }, () => port.open(name, { createIfMissing: true })));
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
    },

    async "create refuses a name that is taken, unless it may exist"({ objects: { [kind]: port } }) {
      const name = newName();
      const made = await port.create(name);
      await assert.rejects(port.create(name), AlreadyExistsError);
      assert.deepEqual(await port.create(name, { allowExisting: true }), made);
    },

    async "list gives the newest first, up to a number and a time"({ objects: { [kind]: port } }) {
      const names: string[] = [];
      for (let i = 0; i < 3; i++) {
        names.unshift(newName());
        await port.create(names[0] as string);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const mine = await eventually(
        async () => (await port.list()).filter(({ name }) => names.includes(name)),
        (found) => found.length === 3,
      );
      assert.deepEqual(
        mine.map(({ name }) => name),
        names,
      );
      assert.equal((await port.list({ maxObjects: 2 })).length, 2);
      const older = await port.list({ createdBeforeMs: mine[1]?.createdAtMs });
      assert.deepEqual(
        older.filter(({ name }) => names.includes(name)).map(({ name }) => name),
        [names[2]],
      );
    },

    async "delete refuses a name that is free, unless it may be missing"({ objects: { [kind]: port } }) {
      await assert.rejects(port.delete(newName()), NotFoundError);
      await port.delete(newName(), { allowMissing: true });
    },

    async "an object that is deleted and made again is another one"({ objects: { [kind]: port } }) {
      const ref = await port.create(newName());
      await port.delete(ref.name);
      await assert.rejects(port.open(ref.name), NotFoundError);
      await assert.rejects(port.info(ref), NotFoundError);
      const next = await port.open(ref.name, { createIfMissing: true });
      assert.notEqual(next.id, ref.id);
      await assert.rejects(port.info(ref), NotFoundError);
    },

    async "an ephemeral object is in no list, and is gone when it is deleted"({ objects: { [kind]: port } }) {
      const ref = await port.createEphemeral();
      assert.equal(ref.name, `~${ref.id}`);
      await port.heartbeat(ref);
      assert.deepEqual(
        (await port.list()).filter(({ id }) => id === ref.id),
        [],
      );
      await port.deleteEphemeral(ref);
      await port.deleteEphemeral(ref);
      await assert.rejects(port.info(ref), NotFoundError);
      await assert.rejects(port.heartbeat(ref), NotFoundError);
    },
  };
}

/** A name that no other test and no other run uses. */
export function newName(): string {
  return `contract-${process.pid}-${Date.now().toString(36)}-${++named}`;
}

// --- Internal helpers ---

let named = 0;

/** Looks again until it is right, for what may be told late. */
async function eventually<T>(look: () => Promise<T>, isRight: (found: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const found = await look();
    if (isRight(found) || tries >= 50) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
