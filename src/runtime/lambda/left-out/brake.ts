// Stands in the place of src/model/brake.ts: the brake of an App is in its manifest since it was deployed.
import type * as original from "../../../model/brake.ts";
import type { Replacement } from "./replacement.ts";

/** The App as it is. */
export const withBrake: typeof original.withBrake = (manifest) => manifest;

/** Checked against what it stands for. */
export default { withBrake } satisfies Replacement<typeof original>;
