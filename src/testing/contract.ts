import type { Backend } from "../ports/backend.ts";
import type { FunctionRef } from "../model/function-spec.ts";
import { InvalidError } from "../model/errors.ts";
import { newCallId, newInputId } from "../model/ids.ts";
import { encode } from "../wire/codec.ts";
import { ENVELOPE_VERSION, type Envelope } from "../wire/envelope.ts";

/** The two functions of a test runner that a contract needs: Vitest's or node:test's own. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: ((name: string, body: () => Promise<void>, timeoutMs?: number) => unknown) & {
    readonly skip: (name: string, body: () => Promise<void>) => unknown;
  };
}

/** Tests that an implementation can't pass, and why. */
export interface ContractSkip {
  readonly reason: string;
  /** The tests' names, word for word. */
  readonly tests: readonly string[];
}

/** A backend in which the contract's App runs. */
export interface ContractBackend {
  readonly backend: Backend;
  close(): Promise<void>;
}

/** What a contract suite is run against. */
export interface ContractParams extends TestRunner {
  /** Names the implementation in the report. */
  readonly name: string;
  /** Brings up a backend in which `contractApp` runs; called once. */
  readonly create: () => Promise<ContractBackend>;
  readonly skip?: readonly ContractSkip[] | undefined;
  /** The most that one test may take; default 60,000. */
  readonly testTimeoutMs?: number | undefined;
}

/** A contract: each test by its name, as a sentence. */
export type Contract = Readonly<Record<string, (backend: Backend) => Promise<void>>>;

/** The App that every contract calls. */
export const CONTRACT_APP = "tenon-contract";

/** Registers a contract's tests with the runner. Throws for a skip that names no test or gives no reason. */
export function runContract(port: string, contract: Contract, params: ContractParams): void {
  const reasons = new Map<string, string>();
  for (const { reason, tests } of params.skip ?? []) {
    for (const test of tests) {
      if (!(test in contract)) throw new InvalidError(`The contract "${port}" has no test "${test}".`);
      if (reason.trim() === "") throw new InvalidError(`The skip of "${test}" gives no reason.`);
      reasons.set(test, reason);
    }
  }
  params.describe(`${port}: ${params.name}`, () => {
    let backend: Promise<ContractBackend> | null = null;
    const names = Object.keys(contract);
    for (const name of names) {
      const reason = reasons.get(name);
      const body = contract[name] as Contract[string];
      if (reason === undefined)
        params.it(name, async () => body((await (backend ??= params.create())).backend), params.testTimeoutMs ?? 60_000);
      else params.it.skip(`${name} (skipped: ${reason})`, async () => {});
    }
    params.it(
      "closes and leaves nothing behind",
      async () => (await (backend ??= params.create())).close(),
      params.testTimeoutMs ?? 60_000,
    );
  });
}

/** Addresses a Function of the contract's App. */
export function contractFn(name: string): FunctionRef {
  return { app: CONTRACT_APP, name };
}

/** A fresh input from outside. */
export function inputOf(...args: unknown[]): Envelope {
  const callId = newCallId();
  return { v: ENVELOPE_VERSION, callId, inputId: newInputId(), attempt: 1, args: encode(args, "args"), root: callId, depth: 0 };
}
