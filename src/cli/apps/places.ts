import type { CommandContext } from "../kit/command.ts";
import type { BackendKind, Place } from "../kit/place.ts";

/** Says where the command is at work, for its questions and its errors. AWS is asked for the account at the first of them. */
export function touch(context: CommandContext, backend: BackendKind): () => Promise<Place> {
  const { environment } = context.globals;
  let found: Promise<Place> | undefined;
  const find = (): Promise<Place> => (found ??= backend === "local" ? Promise.resolve({ backend, environment }) : placeOnAws(environment));
  context.touch(find);
  return find;
}

// --- Internal helpers ---

async function placeOnAws(environment: string): Promise<Place> {
  const { findIdentity } = await import("../../deploy/index.ts");
  return { backend: "aws", environment, ...(await findIdentity()) };
}
