import { setTimeout as sleep } from "node:timers/promises";
import { isAwsFailure } from "./failures.ts";

/** So long after a deploy a refusal may come from rights that have not taken effect yet: IAM is eventually consistent. */
export const YOUNG_MS = 60_000;
/** The longest that requests of one action are repeated while AWS denies them. */
export const DENIED_MS = 10_000;

/** What is known of the age of this process's rights, and the time. Tests have their own. */
export interface RightsAge {
  /** Milliseconds since the rights may have changed, and since what; `undefined` when nothing says that they have. */
  age(): { readonly ms: number; readonly since: string } | undefined;
  /** Milliseconds of a clock that only goes forward. */
  nowMs(): number;
  pause(ms: number): Promise<unknown>;
}

/**
 * Has a client repeat what AWS denies while the caller's rights are young: for {@link DENIED_MS} at most, and only once for
 * each action of the process. After that the error says so. Nothing was done that was denied, so any request may be repeated.
 *
 * Rights are young in a container for its first minute, since a deploy replaces all containers, and in any other process for
 * a minute after a deploy of an App that it has read of in the parameter store. That one action is allowed says nothing of
 * the next: a policy that is late allows what the one before it allowed.
 */
export function repeatWhileYoung<Client>(client: Client, rights: RightsAge = ownRights): Client {
  (client as Partial<Extensible> | undefined)?.middlewareStack?.add(
    (next, { clientName = "", commandName = "" }) =>
      async (args) => {
        for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
          try {
            const answer = await next(args);
            noteDeploys(answer);
            return answer;
          } catch (error) {
            const waited = isAwsFailure(error, "denied") ? await wait(`${clientName}.${commandName}`, rights, pauseMs) : undefined;
            if (waited === true) continue;
            if (waited !== undefined && error instanceof Error) error.message += ` ${waited}`;
            throw error;
          }
        }
      },
    { step: "initialize", name: "repeatWhileYoung" },
  );
  return client;
}

// --- Internal helpers ---

/** A client of the AWS SDK: each has another type for its middleware. */
interface Extensible {
  readonly middlewareStack: { add(middleware: Middleware, options: { readonly step: "initialize"; readonly name: string }): void };
}

type Handler = (args: unknown) => Promise<unknown>;
type Middleware = (next: Handler, context: { readonly clientName?: string; readonly commandName?: string }) => Handler;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** When the latest deploy was that this process has read of: epoch milliseconds. */
let deployedAtMs: number | undefined;

const ownRights: RightsAge = {
  age() {
    if (deployedAtMs !== undefined) {
      const ms = Date.now() - deployedAtMs;
      if (ms < YOUNG_MS) return { ms, since: "the App was deployed" };
    }
    // Lambda sets it in every container.
    return process.env["AWS_LAMBDA_FUNCTION_NAME"] === undefined
      ? undefined
      : { ms: process.uptime() * 1_000, since: "this container started" };
  },
  nowMs: () => performance.now(),
  pause: (ms) => sleep(ms),
};

/** When each action was first denied, by the clock of `RightsAge`. */
const deniedAtMs = new WeakMap<RightsAge, Map<string, number>>();

/** Whether to send once more; a sentence for the error when that has been done long enough; `undefined` when it was never to be. */
async function wait(action: string, rights: RightsAge, pauseMs: number): Promise<true | string | undefined> {
  const since = deniedAtMs.get(rights) ?? new Map<string, number>();
  deniedAtMs.set(rights, since);
  const age = rights.age();
  const firstMs = since.get(action) ?? rights.nowMs();
  if (age === undefined || firstMs === Number.NEGATIVE_INFINITY || (age.ms >= YOUNG_MS && !since.has(action))) return undefined;
  since.set(action, firstMs);
  // Anything between half and all of it: containers that were started together don't come back together.
  const ms = pauseMs * (0.5 + Math.random() / 2);
  if (rights.nowMs() + ms - firstMs <= DENIED_MS) {
    await rights.pause(ms);
    return true;
  }
  // For good: the next request of this action is sent once.
  since.set(action, Number.NEGATIVE_INFINITY);
  return `(It was denied for ${DENIED_MS / 1_000} s, although rights take effect late: ${age.since} ${Math.round(age.ms / 1_000)} s ago.)`;
}

/** Remembers when the Apps were deployed whose parameters were read. */
function noteDeploys(answer: unknown): void {
  const { output } = answer as { readonly output?: { readonly Parameter?: Parameter; readonly Parameters?: readonly Parameter[] } };
  for (const { Name = "", LastModifiedDate } of [output?.Parameter ?? [], output?.Parameters ?? []].flat()) {
    if (LastModifiedDate instanceof Date && Name.startsWith("/tenon/"))
      deployedAtMs = Math.max(deployedAtMs ?? 0, LastModifiedDate.getTime());
  }
}

interface Parameter {
  readonly Name?: string;
  readonly LastModifiedDate?: unknown;
}
