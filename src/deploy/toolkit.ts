import type { IIoHost, IoMessage, StackActivity, StackMonitoringControlEvent, Toolkit } from "@aws-cdk/toolkit-lib";
import type { EventSink } from "../ports/events.ts";
import { noToolkit } from "./errors.ts";

/** The CDK's toolkit, which reports by Tenon's events. */
export interface LoadedToolkit {
  readonly lib: typeof import("@aws-cdk/toolkit-lib");
  readonly toolkit: Toolkit;
  /** CloudFormation's failures so far: `AWS::SQS::Queue Queue: …`. */
  readonly failures: readonly string[];
}

/** Time between two requests for the stack's events. */
export const STACK_POLL_MS = 1_000;

/** The stack that the toolkit works on, and who hears of it. */
export interface ToolkitParams {
  readonly stack: string;
  readonly onEvent?: EventSink | undefined;
  /** Awaited right before CloudFormation is asked for a change of the stack, perhaps more than once. */
  readonly onStart?: (() => Promise<void>) | undefined;
}

/** Loads the toolkit; `total` are the resources that a new stack gets. Rejects with `NotFoundError` when it is not installed. */
export async function loadToolkit({ stack, onEvent, onStart }: ToolkitParams, total: number | null): Promise<LoadedToolkit> {
  const lib = await import("@aws-cdk/toolkit-lib").catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === "ERR_MODULE_NOT_FOUND" ? noToolkit(cause) : cause;
  });
  const failures: string[] = [];
  const ioHost: IIoHost = {
    async notify(message) {
      if (message.code === STACK_MONITORED || STARTS.test(message.message)) await onStart?.();
      const activity = activityOf(message);
      if (activity === undefined) return;
      const { event, progress } = activity;
      const {
        LogicalResourceId: resource = "",
        ResourceType: type = "",
        ResourceStatus: status = "",
        ResourceStatusReason: reason,
      } = event;
      // The stack fails because of its resources, and LocalStack reports it too.
      if (status.endsWith("_FAILED") && resource !== stack && !/cancelled/i.test(reason ?? ""))
        failures.push(`${type} ${resource}: ${reason ?? status}`);
      onEvent?.({
        code: "STACK_RESOURCE",
        stack,
        resource,
        type,
        status,
        reason,
        done: progress.completed,
        total: progress.total ?? total,
      });
    },
    // The question was asked before the toolkit was started.
    requestResponse: async (message) => message.defaultResponse,
  };
  return { lib, toolkit: new lib.Toolkit({ ioHost, emojis: false, color: false }), failures };
}

// --- Internal helpers ---

/** The toolkit's code for the begin of its look at a stack's events: before it deletes one, after it began to change one. */
const STACK_MONITORED = "CDK_TOOLKIT_I5501";
/** The toolkit's words, which have no code of their own, before it makes a stack, updates it or makes a change set. */
const STARTS = /: (?:creating|updating) stack\.\.\.|: creating CloudFormation changeset\.\.\./;
/** The toolkit's code for the events of one resource. */
const STACK_ACTIVITY = "CDK_TOOLKIT_I5502";

function activityOf(message: IoMessage<unknown>): StackActivity | undefined {
  return message.code === STACK_ACTIVITY ? (message.data as Exclude<StackActivity, StackMonitoringControlEvent>) : undefined;
}
