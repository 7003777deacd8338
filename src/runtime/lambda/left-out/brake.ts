// Stands in the place of src/model/brake.ts: the brake of an App is in its manifest since it was deployed.
import type { Replacement } from "./replacement.ts";

type Original = typeof import("../../../model/brake.ts");

/** The App as it is. */
export const withBrake: Original["withBrake"] = (manifest) => manifest;

/** Checked against what it stands for. */
export default { withBrake } satisfies Replacement<Original>;
