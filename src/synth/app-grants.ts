import type { CfnRole, IPrincipal, IRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { InvalidError } from "../model/errors.ts";
import { functionNotFound } from "../model/function-not-found.ts";
import type { AppManifest } from "../model/manifest.ts";
import { cdk } from "./cdk-modules.ts";
import { functionRoles } from "./kinds/functions-roles.ts";
import { policyCharacters } from "./policy-size.ts";

/** The roles of an App's Functions as a CDK app grants to them. */
export interface AppGrants {
  /** Everyone who runs code of the App: what is granted to it, each role gets. */
  readonly grantPrincipal: IPrincipal;
  /** The one role of all Functions. Throws `InvalidError` when there are several. */
  only(): IRole;
  /** The role of one Function, which others may share. Throws `NotFoundError` for one that the App does not declare. */
  roleOf(fn: string): IRole;
}

/** Characters of the inline policies of a role, together: "IAM and AWS STS quotas" in IAM's manual. */
const MAX_INLINE_CHARACTERS = 10_240;

/** Makes them, of roles that stand below the construct. The synthesis fails when more is granted than a role takes. */
export function createAppGrants(app: Construct, manifest: AppManifest, environment: string): AppGrants {
  const roles = functionRoles(manifest, environment);
  const views = new Map<string, IRole>();
  const view = (id: string): IRole => {
    const made = views.get(id) ?? cdk.iam.Role.fromRoleName(app, `Granted${id}`, roleOf(app, id).ref);
    views.set(id, made);
    return made;
  };
  app.node.addValidation({ validate: () => roles.flatMap(({ id, functions }) => refusal(app, id, functions)) });
  return {
    get grantPrincipal() {
      return roles.length === 1 ? view(roles[0]!.id) : together(roles.map(({ id }) => view(id)));
    },
    only() {
      if (roles.length === 1) return view(roles[0]!.id);
      const each = roles.map(({ functions }) => functions.join(", ")).join(" | ");
      throw new InvalidError(`App "${manifest.name}" has ${roles.length} roles, by what its Functions may do: ${each}.`, {
        hint: "Write table.grantReadData(app) for all of them, or app.roleOf(name) for one.",
      });
    },
    roleOf(fn) {
      const found = roles.find(({ functions }) => functions.includes(fn));
      if (found === undefined) throw functionNotFound({ app: manifest.name, name: fn }, { known: Object.keys(manifest.functions) });
      return view(found.id);
    },
  };
}

// --- Internal helpers ---

function roleOf(app: Construct, id: string): CfnRole {
  return app.node.findChild(id) as CfnRole;
}

/** Several roles as one principal. */
function together(roles: readonly IRole[]): IPrincipal {
  const principal: IPrincipal = {
    get grantPrincipal() {
      return principal;
    },
    assumeRoleAction: "sts:AssumeRole",
    policyFragment: new cdk.iam.PrincipalPolicyFragment({ AWS: roles.map(({ roleArn }) => roleArn) }),
    principalAccount: roles[0]!.principalAccount,
    addToPrincipalPolicy(statement) {
      const policyDependable = new cdk.constructs.DependencyGroup();
      for (const role of roles) {
        const { policyDependable: policy } = role.addToPrincipalPolicy(statement.copy());
        if (policy !== undefined) policyDependable.add(policy);
      }
      return { statementAdded: true, policyDependable };
    },
  };
  return principal;
}

/** Why a role can't have all that it is granted; empty when it can. */
function refusal(app: Construct, id: string, functions: readonly string[]): readonly string[] {
  const stack = cdk.core.Stack.of(app);
  const added = app.node.tryFindChild(`Granted${id}`)?.node.findAll() ?? [];
  const documents = added.flatMap((each) => (each instanceof cdk.iam.Policy ? [each.document] : []));
  const resolved = stack.resolve([roleOf(app, id).policies, documents]) as unknown[];
  const characters = policyCharacters(resolved);
  if (characters <= MAX_INLINE_CHARACTERS) return [];
  return [
    `The role of ${functions.join(", ")} would have ${characters} characters of policies with what is granted to it. IAM takes ${MAX_INLINE_CHARACTERS}. Grant fewer resources, or by a pattern, or attach a managed policy: app.roleOf(name).addManagedPolicy(…).`,
  ];
}
