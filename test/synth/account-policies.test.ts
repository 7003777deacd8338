import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACCOUNT_ACTIONS } from "../../src/adapters/apps/iam.ts";
import { callsTable, dataTable } from "../../src/model/aws-names.ts";
import { accountPolicies, POLICIES, type PolicyName } from "../../src/synth/account-policies.ts";
import { evaluate, type PolicyRequest, type PolicyStatement } from "../helpers/policy.ts";
import { commandsOf } from "../helpers/sent-commands.ts";

const ROOT = join(import.meta.dirname, "../..");

function statementsOf(name: PolicyName, environment: string | null = "dev"): readonly PolicyStatement[] {
  return accountPolicies(name, { environment }).flatMap(({ Statement }) => Statement);
}

function arn(service: string, resource: string, partition = "aws"): string {
  return `arn:${partition}:${service}:eu-central-1:123456789012:${resource}`;
}

function row(action: string, table: string, key: string): PolicyRequest {
  return { action: `dynamodb:${action}`, resource: arn("dynamodb", `table/${table}`), context: { "dynamodb:LeadingKeys": [key] } };
}

const object = (action: string, key: string, environment = "dev"): PolicyRequest => ({
  action: `s3:${action}`,
  resource: `arn:aws:s3:::tenon-${environment}-123456789012-eu-central-1/${key}`,
});
const invoke = (name: string, partition = "aws"): PolicyRequest => ({
  action: "lambda:InvokeFunction",
  resource: arn("lambda", `function:${name}`, partition),
});
const assume = (role: string): PolicyRequest => ({ action: "sts:AssumeRole", resource: `arn:aws:iam::123456789012:role/${role}` });

describe("the policies of an environment", () => {
  it.each<[PolicyName, readonly PolicyRequest[], readonly PolicyRequest[]]>([
    [
      "deployer",
      [
        assume("cdk-hnb659fds-deploy-role-123456789012-eu-central-1"),
        { action: "cloudformation:DescribeStacks", resource: arn("cloudformation", "stack/tenon-dev/1") },
        { action: "cloudformation:GetTemplate", resource: arn("cloudformation", "stack/tenon-dev-shop/1") },
        invoke("tenon-dev-shop-count-0123456789abcdef"),
      ],
      [
        assume("administrator"),
        assume("cdk-hnb659fds-cfn-exec-role-123456789012-eu-central-1"),
        { action: "cloudformation:DescribeStacks", resource: arn("cloudformation", "stack/tenon-prod/1") },
        row("PutItem", dataTable("dev"), "dict#seen#"),
        row("UpdateItem", callsTable("dev"), "in#shop#count"),
        object("PutObject", "dict/seen/di-1/x"),
      ],
    ],
    [
      "caller",
      [
        invoke("tenon-dev-shop-count-0123456789abcdef"),
        object("PutObject", "in/shop/count/fc-1/in-1"),
        object("GetObject", "out/shop/count/fc-1/1"),
      ],
      [
        invoke("tenon-prod-shop-count-0123456789abcdef"),
        assume("cdk-hnb659fds-deploy-role-123456789012-eu-central-1"),
        row("PutItem", callsTable("dev"), "out#shop#count"),
        row("PutItem", dataTable("dev"), "in#shop#count"),
        row("GetItem", dataTable("dev"), "dict#seen#"),
        object("PutObject", "out/shop/count/fc-1/1"),
        object("PutObject", "in/shop/count/fc-1/in-1", "prod"),
      ],
    ],
    [
      "reader",
      [
        { action: "logs:FilterLogEvents", resource: arn("logs", "log-group:/tenon/dev/shop/count:*") },
        row("Query", dataTable("dev"), "dict#seen#di-1"),
        object("GetObject", "dict/seen/di-1/x"),
      ],
      [
        invoke("tenon-dev-shop-count-0123456789abcdef"),
        assume("cdk-hnb659fds-deploy-role-123456789012-eu-central-1"),
        row("PutItem", dataTable("dev"), "dict#seen#"),
        row("UpdateItem", dataTable("dev"), "dict#seen#"),
        object("DeleteObject", "dict/seen/di-1/x"),
        { action: "logs:FilterLogEvents", resource: arn("logs", "log-group:/aws/lambda/other:*") },
      ],
    ],
    [
      "data",
      [
        row("PutItem", dataTable("dev"), "dict#seen#"),
        row("UpdateItem", dataTable("dev"), "dict#~di-1#di-1"),
        object("DeleteObject", "dict/seen/di-1/x"),
      ],
      [
        row("PutItem", dataTable("prod"), "dict#seen#"),
        row("PutItem", dataTable("dev"), "sweep#dict"),
        { action: "dynamodb:Scan", resource: arn("dynamodb", `table/${dataTable("dev")}`) },
        row("GetItem", callsTable("dev"), "out#shop#count"),
        invoke("tenon-dev-shop-count-0123456789abcdef"),
      ],
    ],
  ])("let the %s do this, and nothing of that", (name, may, mayNot) => {
    const statements = statementsOf(name);
    for (const request of may) expect([request, evaluate(statements, request)]).toEqual([request, "allowed"]);
    for (const request of mayNot) expect([request, evaluate(statements, request)]).toEqual([request, "denied"]);
  });

  it("hold in every partition, and fit into one managed policy each", () => {
    for (const partition of ["aws", "aws-us-gov", "aws-cn"])
      expect(evaluate(statementsOf("caller"), invoke("tenon-dev-shop-count-0123456789abcdef", partition))).toBe("allowed");
    for (const environment of ["dev", "e".repeat(16), null]) {
      for (const name of POLICIES) {
        const documents = accountPolicies(name, { environment });
        expect(JSON.stringify(documents)).not.toContain("arn:aws");
        expect(documents.map((each) => JSON.stringify(each).length <= 6_144)).toEqual([true]);
      }
    }
  });

  it("list all environments where they are for all of them", () => {
    const list: PolicyRequest = { action: "ssm:GetParametersByPath", resource: arn("ssm", "parameter/tenon/") };
    expect(evaluate(statementsOf("deployer", null), list)).toBe("allowed");
    expect(evaluate(statementsOf("reader", null), list)).toBe("allowed");
    expect(evaluate(statementsOf("deployer", "dev"), list)).toBe("denied");
  });

  it("name what the commands send that look at an account, and nothing else", () => {
    const clients = ["app-control.ts", "deployments.ts", "logs.ts"].map((file) =>
      readFileSync(join(ROOT, "src/adapters/aws", file), "utf8"),
    );
    const sent = clients.flatMap(commandsOf).map((command) => command.replace("cloudwatch-logs:", "logs:"));
    const named = Object.values(ACCOUNT_ACTIONS).flatMap((operation) => Object.values(operation).flat());
    // The toolkit of the CDK takes on the roles; a caller reads what an App declares by the client of containers.
    expect([...named].toSorted()).toEqual([...new Set([...sent, "sts:AssumeRole", "ssm:GetParameters"])].toSorted());
  });

  it("are those of the user in whose name the tests deploy, of every environment", async () => {
    const Statement = [...statementsOf("deployer", null), ...statementsOf("data", null)];
    await expect(`${JSON.stringify({ Version: "2012-10-17", Statement }, null, 2)}\n`).toMatchFileSnapshot(
      "../../localstack/deployer-policy.json",
    );
  });
});
