import { basename, dirname } from "node:path/posix";
import { ABSENT_ADAPTER_FILES, ADAPTER_FILES, ADAPTER_PARTS, PORTS_WITHOUT_CONTRACT, LOCAL_FILES } from "./layers.ts";
import { at, type Finding, type Node, type Source, walk } from "./source.ts";

/**
 * Ports whose contract suite is missing: `src/ports/calls.ts` has `src/testing/calls-contract.ts`, which
 * `src/testing/index.ts` publishes and some test applies.
 */
export function portsWithoutContract(src: readonly Source[], tests: readonly Source[]): readonly Finding[] {
  return src
    .filter((file) => dirname(file.path) === "src/ports")
    .map((file) => basename(file.path, ".ts"))
    .filter((port) => PORTS_WITHOUT_CONTRACT[port] === undefined)
    .flatMap((port) => {
      const suite = `src/testing/${port}-contract.ts`;
      const contract = src.find((file) => file.path === suite);
      if (contract === undefined) return [`the port ${port} has no ${suite}`];
      const index = src.find((file) => file.path === "src/testing/index.ts");
      if (!index?.imports.some((imported) => imported.target === suite)) return [`${suite} is not published by src/testing/index.ts`];
      const names = [...contract.text.matchAll(/^export (?:async )?function (\w+)/gm)].map((match) => match[1]);
      const applied = tests.some((test) => names.some((name) => new RegExp(`\\b${name}\\b`).test(test.text)));
      return applied ? [] : [`no test applies ${names.join(" or ")} of ${suite}`];
    });
}

/** Reasons for ports that are not there. */
export function staleReasons(src: readonly Source[]): readonly Finding[] {
  const ports = new Set(src.filter((file) => dirname(file.path) === "src/ports").map((file) => basename(file.path, ".ts")));
  return Object.keys(PORTS_WITHOUT_CONTRACT)
    .filter((port) => !ports.has(port))
    .map((port) => `there is no port ${port}`);
}

/** Adapter folders whose files are not the same as their neighbours'. */
export function unevenAdapters(src: readonly Source[]): readonly Finding[] {
  const folders = new Map<string, string[]>();
  for (const { path } of src) {
    const [, folder, file] = /^src\/adapters\/([^/]+)\/(.+)$/.exec(path) ?? [];
    // Thin clients, one for each service or database, not adapters.
    if (folder === undefined || file === undefined || folder === "aws" || folder === "lmdb") continue;
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const all = new Set([...folders.values()].flat());
  return [...folders].flatMap(([folder, files]) => {
    const place = `src/adapters/${folder}`;
    const missing = [...new Set([...LOCAL_FILES, ...all])].filter(
      (file) => ADAPTER_FILES.includes(file) && !files.includes(file) && ABSENT_ADAPTER_FILES[`${place}/${file}`] === undefined,
    );
    const strange = files.filter((file) => !ADAPTER_FILES.includes(file) && !ADAPTER_PARTS.test(file));
    return [...missing.map((file) => `${place} has no ${file}`), ...strange.map((file) => `${place}/${file} is no file of an adapter`)];
  });
}

/** Tests that are focused, and ones that are left out without a reason in a `// Skipped: …` line. */
export function silencedTests(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(file.body, (node) => {
    if (node.type !== "MemberExpression" || !isTestFunction(node["object"] as Node)) return;
    const name = String((node["property"] as Node)["name"]);
    if (name === "only") findings.push(`${at(file, node)} is focused`);
    if (!["skip", "skipIf", "runIf", "todo", "fails"].includes(name)) return;
    const lines = file.text.slice(0, node.start).split("\n");
    const near = [lines.at(-2) ?? "", file.text.split("\n")[lines.length - 1] ?? ""].join("\n");
    if (!/\/\/ Skipped: \S+ \S+/.test(near)) findings.push(`${at(file, node)} is left out without a reason`);
  });
  return findings;
}

function isTestFunction(node: Node): boolean {
  if (node.type === "MemberExpression") return isTestFunction(node["object"] as Node);
  return node.type === "Identifier" && ["test", "it", "describe", "suite", "bench"].includes(String(node["name"]));
}

/** What only one machine, one registry or one plan of work knows. */
const STRAYS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a path of a machine", /(?<![\w.])\/(?:home|Users|root|work)\/[\w.-]+|[A-Z]:\\\\?Users\\|(?<![\w.])\/tmp\/tenon\b/],
  [
    "a registry",
    /https?:\/\/[^\s"'/]*(?:registry|artifactory|nexus|verdaccio|codeartifact)[^\s"'/]*|^\s*(?:@[\w-]+:)?registry\s*=|"resolved": "https?:/m,
  ],
  ["a numbered issue", /\bissues? #?\d+\b|\(#\d+\)/i],
];

/** Names of machines, registries and issues in a text file. */
export function strayNames(file: { readonly path: string; readonly text: string }): readonly Finding[] {
  return STRAYS.flatMap(([what, pattern]) => {
    const match = pattern.exec(file.text);
    return match ? [`${file.path}:${file.text.slice(0, match.index).split("\n").length} names ${what}: ${match[0].trim()}`] : [];
  });
}

/** Files of the repository that a page names and that are not there. */
export function deadReferences(page: { readonly path: string; readonly text: string }, paths: ReadonlySet<string>): readonly Finding[] {
  return [...page.text.matchAll(/`((?:src|test|examples|bench|scripts|docs|bin)\/[\w./-]+\.\w+)`/g)]
    .map((match) => match[1] ?? "")
    .filter((path) => !paths.has(path))
    .map((path) => `${page.path} names ${path}, which is not there`);
}
