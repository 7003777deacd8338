import { afterAll, describe } from "vitest";
import { EmulatorUnavailable, startEmulator } from "../../localstack/start.js";
import type { Emulator, EmulatorOptions } from "../../localstack/start.js";

/** An emulated account for one test file, or why there is none here. */
export interface EmulatedAws {
  /** Says so, too, when nothing runs here: for `describe.skipIf`. */
  readonly missing: boolean;
  /** The account; throws where there is none. */
  readonly account: Emulator;
}

/**
 * Starts an emulated account that ends with the test file. Where this machine lacks what it needs (a Python, say) it says
 * loudly that the file's tests are left out; with `CI=true` it throws instead.
 */
export async function emulatedAws(options: EmulatorOptions = {}): Promise<EmulatedAws> {
  const env = options.env ?? process.env;
  try {
    const account = await startEmulator(options);
    afterAll(() => account.stop());
    return { missing: false, account };
  } catch (error) {
    if (!(error instanceof EmulatorUnavailable) || env["CI"] === "true") throw error;
    console.warn(`\n*** LEFT OUT: all tests of this file that need the emulated AWS ***\n${error.message}\n`);
    return {
      missing: true,
      get account(): Emulator {
        throw error;
      },
    };
  }
}

/** `describe` for tests that need the account: skipped where there is none, which `emulatedAws` has said. */
export function describeAws(aws: EmulatedAws): typeof describe | typeof describe.skip {
  // Skipped: without what the emulator needs of this machine; `emulatedAws` has said so.
  return aws.missing ? describe.skip : describe;
}
