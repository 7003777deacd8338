// @ts-check

/** The emulator cannot run here, or ended. `hint` says what to do. */
export class EmulatorError extends Error {
  /**
   * @param {string} message
   * @param {{ hint?: string, cause?: unknown }} [options]
   */
  constructor(message, { hint, cause } = {}) {
    super(hint === undefined ? message : `${message}\n  ${hint}`, cause === undefined ? undefined : { cause });
    this.name = "EmulatorError";
    this.hint = hint;
  }
}

/** This machine lacks what the emulator needs, such as a Python. Nothing was started. */
export class EmulatorUnavailable extends EmulatorError {
  /**
   * @param {string} message
   * @param {{ hint?: string, cause?: unknown }} [options]
   */
  constructor(message, options) {
    super(message, options);
    this.name = "EmulatorUnavailable";
  }
}
