import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { AppManifest } from "../../model/manifest.ts";
import type { Permission } from "../../model/permissions.ts";
import type { Reach } from "../../model/reach.ts";
import type { AppParts } from "../app-parts.ts";
import type { Sub } from "../arns.ts";
import type { PlanPart } from "../plan-part.ts";

/** All that synth knows of one kind of thing that an App has or uses. `index.ts` lists them. */
export interface Kind {
  /** The operations that each actor carries out, as `adapters/<kind>/iam.ts` has them. */
  readonly operations: Readonly<Partial<Record<Actor, readonly Operation[]>>>;
  /** What they touch, by the names that the operations use; left out where the App has nothing of it. */
  touches(scope: Scope): Readonly<Record<string, Touched>>;
  /** The word of each of their actions for `plan --iam`. */
  readonly verbs: Readonly<Record<string, string>>;
  /** What `plan` says of it: what things become, where AWS differs, what costs while the App is idle. */
  plan?(manifest: AppManifest, environment: string): PlanPart;
  /** Roles that are there because of it. */
  roles?(manifest: AppManifest, environment: string): readonly Role[];
  /** Environment variables of a Function's container. Before there are resources, texts as long as theirs stand in their place. */
  variables?(parts: Pick<AppParts, "environment" | "manifest">, fn: string, app?: AppResources): Variables;
  /** Makes what it has in the App's stack. */
  addResources?(app: AppResources): void;
  /** What people do with it by the command, or from a program that is no App's, and what that touches. */
  outside?(environment: string): { readonly operations: readonly Operation[]; readonly touches: Readonly<Record<string, Touched>> };
  /** What the environment's sweeper does with it, and what that touches. */
  sweeps?(environment: string): { readonly operation: Operation; readonly touches: Readonly<Record<string, Touched>> };
}

/** Who carries out operations: the container of a Function, the App's dispatcher, somebody outside to whom calls are granted. */
export type Actor = "function" | "dispatcher" | "caller";

/** What one operation needs: the actions on each thing that it touches. */
export type Operation = Readonly<Partial<Record<string, readonly string[]>>>;

/** Rows of a table by their partitions, or resources; both may be patterns. */
export type Touched = ({ readonly table: string; readonly partitions: readonly string[] } | { readonly resources: readonly Sub[] }) & {
  /** Whether their number grows with what the App declares. Then their statements may be cut, and leave the role's own policy. */
  readonly grows?: true;
};

/** What is touched: things of one App, and objects of its environment. */
export interface Scope {
  readonly environment: string;
  readonly manifest: AppManifest;
  /** The Functions that may be called. */
  readonly functions: readonly string[];
  /** Those of which rows and objects may be touched; `["*"]` stands for all of the App, also those to come. */
  readonly of: readonly string[];
  /** The objects of the environment that may be used. */
  readonly reach: Reach;
}

/** A role of an App's stack. */
export interface Role {
  /** Who has it, in words. */
  readonly who: string;
  readonly actor: Actor;
  readonly scope: Scope;
  /** The log that it writes: the name of a log group, or a pattern. */
  readonly log: string;
  /** What the App and its Functions permit their own code; absent: nothing. */
  readonly permissions?: readonly Permission[];
}

/** Environment variables as a template has them. */
export type Variables = Readonly<Record<string, string | Sub>>;

/** The resources of an App while they are made. */
export interface AppResources extends AppParts {
  /** Under which they stand. */
  readonly construct: Construct;
  makeRole(scope: Construct, id: string, role: Role): CfnRole;
  /** All variables of a Function's container. */
  variablesOf(fn: string): Variables;
}
