/**
 * A value as an error message shows it: on one line, at most `maxLength` characters (default 60), without running
 * any of the value's own code.
 */
export function showValue(value: unknown, maxLength = 60): string {
  const text = describe(value);
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

/** A number with a comma at every thousand, in every locale: `toLocaleString` would load ICU, which takes 10 ms of a start. */
export function showNumber(value: number): string {
  const [whole = "", fraction] = String(value).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

// --- Internal helpers ---

function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? showNumber(value) : String(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return "a function";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return `an object with ${keysOf(value)}`;
    default:
      return String(value);
  }
}

function keysOf(value: object): string {
  const keys = Object.keys(value);
  return keys.length === 0 ? "no fields" : `the fields ${keys.join(", ")}`;
}
