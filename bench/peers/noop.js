// A task file as tinypool and piscina want it: the default export is the task.

/**
 * @param {number} value
 * @returns {number}
 */
export default function noop(value) {
  return value;
}
