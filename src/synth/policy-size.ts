/** Longest texts that stand for what is known only when a template is deployed. */
const LONGEST: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws-us-gov",
  "AWS::Region": "ap-southeast-99",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com.cn",
};

/** Characters of the name or ARN of a resource that the template only refers to. */
const REFERENCE = "x".repeat(100);

/** Characters of a policy as IAM counts them, without white space; what a template only refers to counts as the longest it can be. */
export function policyCharacters(statements: readonly unknown[]): number {
  return JSON.stringify(filledIn(statements)).length;
}

// --- Internal helpers ---

/** A piece of a template with a text in the place of each function of CloudFormation. */
function filledIn(piece: unknown): unknown {
  if (Array.isArray(piece)) return piece.map(filledIn);
  if (typeof piece !== "object" || piece === null) return piece;
  const [[key, value] = ["", undefined], ...others] = Object.entries(piece);
  if (others.length > 0 || !(key === "Ref" || key.startsWith("Fn::")))
    return Object.fromEntries(Object.entries(piece).map(([name, each]) => [name, filledIn(each)]));
  if (key === "Ref") return LONGEST[value as string] ?? REFERENCE;
  if (key === "Fn::Sub" && typeof value === "string")
    return value.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => LONGEST[name] ?? REFERENCE);
  if (key === "Fn::Join" && Array.isArray(value)) {
    const [between, parts] = value as unknown as readonly [string, readonly unknown[]];
    return parts.map((part) => String(filledIn(part))).join(between);
  }
  return REFERENCE;
}
