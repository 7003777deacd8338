// Vitest's JSON report with the reasons of skipped tests: `--reporter=./scripts/json-report.js --outputFile.json=FILE`.
import { JsonReporter } from "vitest/node";

export default class extends JsonReporter {
  async onTestRunEnd(modules) {
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { note } = test.result();
        if (note !== undefined) test.meta().note = note;
      }
    }
    await super.onTestRunEnd(modules);
  }
}
