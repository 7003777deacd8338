import { at, type Finding, type Node, type Source, walk } from "./source.ts";

/** Verbs that a hint begins with. */
export const HINT_VERBS: ReadonlySet<string> = new Set(
  (
    "Add Allow Ask Await Call Change Check Choose Clear Correct Declare Delete Deploy Destroy Encode End Export Find Give Import Install Keep Leave Look Make Move Name " +
    "Pass Put Raise Read Remove Rename Repair Return Run See Send Set Sign Split Start Stop Take Throw Try Use Wait Write"
  ).split(" "),
);

/** The one hint that is a question: a name that is near the one given. */
const DID_YOU_MEAN = /^Did you mean .+\?$/;

/** A user's App, which the contract suites call: its errors are a user's. */
const USERS_FILES: readonly string[] = ["src/testing/contract-app.ts"];

/** Stands in a text for what is only known when the line runs. */
const VALUE = "\ufffc";
/** Errors of the language and of others: their texts are not ours. */
const FOREIGN = /^(?:Type|Range|Syntax|Reference|Eval|URI|Aggregate|)Error$/;

/**
 * Messages of errors that do not read as sentences: each begins with a capital, a name (quoted or of a program), or the name of what was
 * called and a colon (`get: timeoutMs is …`), and ends with a full stop. What another program said may stand at the end
 * behind a colon, and a sentence that another function makes behind a full stop.
 */
export function unevenMessages(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  if (USERS_FILES.includes(file.path)) return findings;
  walk(file.body, (node) => {
    const name = String((node["callee"] as Node | undefined)?.["name"] ?? "");
    if (node.type !== "NewExpression" || !/(?:Error|Failure)$/.test(name) || FOREIGN.test(name)) return;
    for (const text of textsOf((node["arguments"] as Node[])[0])) {
      const begins = /^(?:[A-Z"'`]|(?:npm|esbuild|tenon) |\ufffc|[\w$.\ufffc]+(?:\(\))?: \S)/.test(text);
      const ends = /\.\)?$|[.:\n]\s*\ufffc$/.test(text);
      if (!begins || !ends)
        findings.push(`${at(file, node)} ${begins ? "ends without a full stop" : "begins without a capital"}: ${shown(text)}`);
    }
  });
  return findings;
}

/** Hints that are not `Did you mean …?` and do not begin with a verb in the imperative or do not end with a full stop. */
export function unevenHints(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(file.body, (node) => {
    if (node.type !== "Property" || (node["key"] as Node)["name"] !== "hint") return;
    for (const text of textsOf(node["value"] as Node)) {
      if (DID_YOU_MEAN.test(text)) continue;
      const begins = text.startsWith(VALUE) || HINT_VERBS.has(/^\w+/.exec(text)?.[0] ?? "");
      const ends = /\.$|[.:]\s*\ufffc$/.test(text);
      if (!begins || !ends)
        findings.push(`${at(file, node)} ${begins ? "ends without a full stop" : "begins without a verb"}: ${shown(text)}`);
    }
  });
  return findings;
}

/** The texts that an expression may have, as far as they are written there. */
function textsOf(node: Node | undefined): readonly string[] {
  if (node === undefined) return [];
  if (node.type === "Literal") return typeof node["value"] === "string" ? [node["value"]] : [];
  if (node.type === "TemplateLiteral") {
    const quasis = node["quasis"] as readonly { readonly value: { readonly cooked: string } }[];
    return [quasis.map(({ value }) => value.cooked).join(VALUE)];
  }
  if (node.type === "ConditionalExpression") return [node["consequent"], node["alternate"]].flatMap((one) => textsOf(one as Node));
  if (node.type === "ParenthesizedExpression") return textsOf(node["expression"] as Node);
  if (node.type === "BinaryExpression" && node["operator"] === "+") {
    const [left, right] = [node["left"], node["right"]].map((one) => {
      const texts = textsOf(one as Node);
      return texts.length === 0 ? [VALUE] : texts;
    });
    return (left ?? []).flatMap((start) => (right ?? []).map((end) => start + end)).filter((text) => text.replaceAll(VALUE, "") !== "");
  }
  return [];
}

function shown(text: string): string {
  return JSON.stringify(text.replaceAll(VALUE, "…"));
}
