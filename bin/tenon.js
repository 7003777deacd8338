#!/usr/bin/env node
import module from "node:module";

// Node 22 keeps compiled code between starts; Node 20 can't.
module.enableCompileCache?.();
await import("../dist/cli.js");
