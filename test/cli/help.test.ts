import { describe, expect, test } from "vitest";
import { isGroup, TENON_COMMANDS } from "../../src/cli/commands/catalog.ts";
import { flagTerm } from "../../src/cli/kit/flags.ts";
import { tenon } from "./run-cli.ts";

const commands = TENON_COMMANDS.flatMap((entry) =>
  isGroup(entry) ? entry.verbs.map(({ spec }) => [`${entry.noun} ${spec.name}`, spec] as const) : [[entry.spec.name, entry.spec] as const],
);

describe("help", () => {
  test("tenon --help names every command", async () => {
    const { code, stdout, stderr } = await tenon(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: tenon <command> [flags] [args...]

      Modal's programming model for TypeScript, on your own AWS account.

      Commands:
        run <file[::name]> [args...]     run an entrypoint or a Function of a file
        deploy <file>                    deploy an App to AWS, or on this machine
        destroy <app|file>               remove a deployed App from AWS, or from this machine
        plan <file>                      show what an App becomes on AWS
        synth <file>                     write the CDK stack of an App
        env synth|deploy|list|destroy|…  make, list and delete environments on AWS
        call <app/function> [args...]    call a Function of a deployed App
        app list|stop|logs               list, stop and watch deployed Apps
        dict list|create|info|get|put|…  create, read, change and delete Dicts

      Flags:
        -V, --version                    print the version
        -h, --help                       show help

      Tenon's own flags:
        --json                           results as JSON lines on stdout; logs, events and errors as JSON
                                         lines on stderr
        --verbose                        show stacks and every event
        -e, --env <name>                 the environment (default: TENON_ENVIRONMENT, else dev)

      Examples:
        tenon run wordcount.ts
        tenon run wordcount.ts --help     the flags of the file's own entrypoint
        tenon run --help                  more about one command
      "
    `);
  });

  test("tenon alone shows the same help", async () => {
    expect(await tenon([])).toEqual(await tenon(["--help"]));
  });

  test("tenon run --help teaches what goes where", async () => {
    expect((await tenon(["run", "--help"])).stdout).toMatchInlineSnapshot(`
      "Usage: tenon run [flags] <file[::name]> [args...]

      Bundles the file, starts its App on this machine, runs one entrypoint or Function, and stops the
      App.

      You can leave the name out when the file has one entrypoint, or no entrypoint and one Function.

      Everything after the file belongs to the entrypoint: "tenon run app.ts --help" shows its flags.
      Tenon's own flags go before the file, so the two never clash.

      With --aws only the entrypoint runs here. The App is deployed as a stack of its own for as long as
      the run takes, and the output of its containers is shown here. The stack is removed when the command
      ends, also after Ctrl-C. If the command is killed, the next run removes the stack.

      A Function's arguments are JSON where they parse as JSON, else text. Its result is printed on
      stdout; a generator's items are printed one per line.

      Arguments:
        file[::name]                     the file that declares the App, and what to run of it
        args                             flags and arguments of the entrypoint, or arguments of the
                                         Function

      Flags:
        --raw                            take every argument of a Function as text
        --aws                            run the Functions on AWS, in a stack that is removed at the end
        --architecture <name>            the processor of the Lambda functions: arm64 or x86_64 (default:
                                         arm64)
        --qualifier <text>               the qualifier of the CDK's bootstrap, where it is not the usual
                                         one
        --permissions-boundary <policy>  name or ARN of a policy that bounds every role of the stacks
        -y, --yes                        with --aws: deploy a missing environment without asking
        -h, --help                       show help

      Tenon's own flags:
        --json                           results as JSON lines on stdout; logs, events and errors as JSON
                                         lines on stderr
        --verbose                        show stacks and every event
        -e, --env <name>                 the environment (default: TENON_ENVIRONMENT, else dev)

      Examples:
        tenon run wordcount.ts --file moby-dick.txt
        tenon run --aws wordcount.ts --file moby-dick.txt
        tenon run wordcount.ts::count "the whale"
        tenon run --json shop.ts::charge '{"cents": 1200}'
      "
    `);
  });

  test("tenon app logs --help gives units and defaults", async () => {
    expect((await tenon(["app", "logs", "--help"])).stdout).toMatchInlineSnapshot(`
      "Usage: tenon app logs [flags] <name>

      Shows the log of a deployed App, oldest line first.

      On AWS the lines come from CloudWatch Logs, some seconds after they were written. The newest lines
      are looked for in the last 35 days. Each request to CloudWatch Logs reads one Function, and an
      account has five of them in a second.

      Arguments:
        name                the App's name

      Flags:
        --local             on this machine (as TENON_BACKEND=local)
        --aws               on AWS (as TENON_BACKEND=aws)
        -f, --follow        wait for new lines until Ctrl-C
        -n, --tail <lines>  how many of the newest lines to show, at most 20,000 (default: 100, with
                            --since 20,000)
        --since <time>      show lines since then: a time ago (90s, 10m, 2h, 3d) or a date of ISO 8601
        --function <name>   show lines of this Function only
        --call <id>         show lines of this call only (fc-…)
        -h, --help          show help

      Tenon's own flags:
        --json              results as JSON lines on stdout; logs, events and errors as JSON lines on
                            stderr
        --verbose           show stacks and every event
        -e, --env <name>    the environment (default: TENON_ENVIRONMENT, else dev)

      Examples:
        tenon app logs --local wordcount -f
        tenon app logs --aws wordcount --since 10m --function count
      "
    `);
  });

  test("tenon app shows its verbs and exits with 2", async () => {
    const { code, stderr } = await tenon(["app"]);
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "Usage: tenon app <command> [flags]

      List, stop and watch deployed Apps.

      Commands:
        list         list the deployed Apps of the environment
        stop <name>  stop a deployed App
        logs <name>  show the output of a deployed App's containers

      Flags:
        -h, --help   show help
      "
    `);
  });

  test.each(commands)("tenon %s --help has a summary, an example and no long line", async (name, spec) => {
    const { code, stdout } = await tenon([...name.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:\n");
    for (const [flag, of] of Object.entries(spec.flags)) expect(stdout).toContain(flagTerm(flag, of));
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  test("tenon --version prints the version alone", async () => {
    expect(await tenon(["--version"])).toEqual({ code: 0, stdout: "0.0.0-test\n", stderr: "" });
  });
});
