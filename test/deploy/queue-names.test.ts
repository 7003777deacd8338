import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { deployStack, openDeployments } from "../../src/deploy/index.ts";
import { appParameter, environmentVersionParameter } from "../../src/model/aws-names.ts";
import type { TenonEvent } from "../../src/ports/events.ts";
import { synthApp } from "../../src/synth/index.ts";
import { ENVIRONMENT_VERSION } from "../../src/model/environment-version.ts";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { manifestOf, newFolder, removeFolders, smallAsset } from "../synth/template.ts";
import { changeAnswers } from "./holding-front.ts";

// A name that somebody else has stands for one that SQS still keeps: CloudFormation fails on it, rolls back, and is given
// AWS's reason by a front.
const aws = await emulatedAws();

/** As CloudFormation reports what SQS says. */
const KEPT = `Resource handler returned message: "You must wait 60 seconds after deleting a queue before you can create another with the same name. (Service: Sqs, Status Code: 400, Request ID: 7503e9ea-2fa2-5fba-b1cc-b6117f9af4d4)" (HandlerErrorCode: Throttling)`;

describeAws(aws)("a deploy while SQS keeps the names of deleted queues", { timeout: 120_000 }, () => {
  let formation: CloudFormationClient;
  let folder: string;
  const taker = { StackName: "taker" };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-queue-names-"));
    bootstrap(aws.account, folder);
    const options = clientOptions(aws.account, aws.account.rootCredentials);
    formation = new CloudFormationClient(options);
    const ssm = new SSMClient(options);
    await ssm.send(
      new PutParameterCommand({ Name: environmentVersionParameter("dev"), Value: String(ENVIRONMENT_VERSION), Type: "String" }),
    );
    ssm.destroy();
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => {
    formation.destroy();
    removeFolders();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Deploys an App while its name is taken; `answered` is the reason that is reported, `pause` what happens while it waits. */
  async function deploy(name: string, answered: string, pause: () => Promise<unknown>): Promise<readonly TenonEvent[]> {
    const Resources = {
      Taken: { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value: "1", Name: appParameter("dev", name, 0) } },
    };
    await formation.send(new CreateStackCommand({ ...taker, TemplateBody: JSON.stringify({ Resources }) }));
    const front = await changeAnswers(aws.account.endpoint, /(?<=<ResourceStatusReason>)[^<]*exists[^<]*/g, answered);
    const { endpoint } = front;
    Object.entries({ ...accountVariables(aws.account), AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }).forEach(
      ([key, value]) => vi.stubEnv(key, value),
    );
    const api = await openDeployments();
    const events: TenonEvent[] = [];
    const assembly = synthApp(
      { environment: "dev", manifest: manifestOf({ count: {} }, { name }), asset: smallAsset() },
      { outputDir: newFolder() },
    );
    try {
      await deployStack(api, { ...assembly, onEvent: (event) => events.push(event), pause });
    } finally {
      api.destroy();
      front.close();
      await release();
    }
    return events;
  }
  async function release(): Promise<void> {
    await formation.send(new DeleteStackCommand(taker));
    await waitUntilStackDeleteComplete({ client: formation, maxWaitTime: 30, minDelay: 0.1 }, taker);
  }

  it("waits once, says so, and deploys again from a stack that was rolled back", async () => {
    // The emulated account keeps the names of deleted queues for a second, where AWS keeps them for a minute.
    const events = await deploy("again", KEPT, () => Promise.all([release(), sleep(2_000)]));
    expect(events.filter(({ code }) => code === "STACK_WAITS")).toEqual([
      { code: "STACK_WAITS", stack: "tenon-dev-again", waitMs: 70_000, reason: expect.stringContaining("You must wait 60 seconds") },
    ]);
    const { Stacks = [] } = await formation.send(new DescribeStacksCommand({ StackName: "tenon-dev-again" }));
    expect(Stacks.map(({ StackStatus }) => StackStatus)).toEqual(["CREATE_COMPLETE"]);
  });

  it("waits no second time, and gives CloudFormation's reason then", async () => {
    let waits = 0;
    const refused = expect(deploy("never", KEPT, async () => waits++)).rejects;
    await refused.toThrow(/The stack tenon-dev-never was not deployed:\n.*You must wait 60 seconds/);
    expect(waits).toBe(1);
  });

  it("does not wait for a name that somebody else has", async () => {
    const pause = vi.fn(async () => undefined);
    await expect(deploy("taken", "A parameter of this name exists", pause)).rejects.toThrow(/A parameter of this name exists/);
    expect(pause).not.toHaveBeenCalled();
  });
});
