// A bare fork: sends back what it gets, and waits.
process.on("message", (message) => process.send?.(message));
