/** A statement of a policy, with all names filled in. */
export interface PolicyStatement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** One request to AWS. A key that the context does not have is missing from the request. */
export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * What IAM makes of a request by these identity policies: an explicit deny wins, without an allow it is denied as well.
 * Wildcards in actions (whatever the case) and resources; operators String(Not)Equals, String(Not)Like, Bool, Null,
 * with `ForAllValues:` and `ForAnyValue:`. An operator that it does not know throws: nothing passes by ignorance.
 */
export function evaluate(statements: readonly PolicyStatement[], request: PolicyRequest): "allowed" | "denied" | "explicitly denied" {
  const meant = statements.filter(
    ({ Action, Resource, Condition }) =>
      list(Action).some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase())) &&
      list(Resource).some((pattern) => like(pattern, request.resource)) &&
      Object.entries(Condition ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => holds(operator, list(wanted), request.context?.[key])),
      ),
  );
  if (meant.some(({ Effect }) => Effect === "Deny")) return "explicitly denied";
  return meant.some(({ Effect }) => Effect === "Allow") ? "allowed" : "denied";
}

function holds(operator: string, wanted: readonly string[], given: string | readonly string[] | undefined): boolean {
  if (operator === "Null") return wanted.includes(String(given === undefined || list(given).length === 0));
  const [, set, name] = /^(?:(ForAllValues|ForAnyValue):)?(\w+)$/.exec(operator) ?? [];
  const negated = name?.startsWith("StringNot") ?? false;
  const test = OPERATORS[name?.replace("Not", "") ?? ""];
  if (test === undefined) throw new RangeError(`the evaluator does not know the operator ${operator}`);
  const one = (value: string): boolean => wanted.some((each) => test(each, value)) !== negated;
  // No value at all: true of all values, of none of any, and of what must not be.
  if (given === undefined) return set === "ForAllValues" || (set === undefined && negated);
  return set === "ForAllValues" ? list(given).every(one) : list(given).some(one);
}

const OPERATORS: Readonly<Record<string, (wanted: string, value: string) => boolean>> = {
  StringEquals: (wanted, value) => wanted === value,
  StringLike: like,
  Bool: (wanted, value) => wanted === value,
};

function like(pattern: string, value: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(value);
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
