/** How often a test repeats what it does: seldom for a change, often in `npm run test:long`. */
export function rounds(seldom: number, often: number): number {
  return process.env["TENON_TEST_LONG"] === "1" ? often : seldom;
}
