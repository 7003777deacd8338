import type { Job } from "../job.ts";

/** Which input wrote a line. */
export interface LineOrigin {
  readonly call: string;
  readonly input: string;
  readonly attempt: number;
}

/** A line that a container wrote. */
export interface ContainerLine {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly origin: LineOrigin | null;
  /** Whether a child or native code wrote it past the runtime. */
  readonly native: boolean;
}

/** The input that a job is an attempt of. */
export function originOf(job: Job | null): LineOrigin | null {
  return job === null ? null : { call: job.envelope.callId, input: job.envelope.inputId, attempt: job.envelope.attempt };
}

/** Reads the head of a log frame: `1` or `2` for the stream, then the input, if any, then the line. */
export function parseLine(head: string): ContainerLine {
  const end = head.indexOf("\n");
  const [call, input, attempt] = head.slice(1, end).split(" ");
  return {
    stream: head.startsWith("1") ? "stdout" : "stderr",
    text: head.slice(end + 1),
    origin: call === undefined || input === undefined ? null : { call, input, attempt: Number(attempt) },
    native: false,
  };
}
