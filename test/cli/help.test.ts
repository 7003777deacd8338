import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands/catalog.ts";
import { tenon } from "./run-cli.ts";

describe("help", () => {
  test("tenon --help names every command", async () => {
    const { code, stdout, stderr } = await tenon(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: tenon <command> [flags] [args...]

      Modal's programming model for TypeScript, on your own AWS account.

      Commands:
        run <file[::name]> [args...]   run an entrypoint or a Function of a file
        deploy <file>                  deploy an App to AWS, or keep it on this machine
        destroy <app|file>             delete an App's stack on AWS
        plan <file>                    show what an App becomes on AWS
        synth <file>                   write the CDK stack of an App
        env synth|deploy|list|destroy  make, list and delete environments on AWS
        call <app/function> [args...]  call a Function of a deployed App
        app list|stop|logs             list, stop and watch deployed Apps

      Flags:
        -V, --version                  print the version
        -h, --help                     show help

      Tenon's own flags:
        --json                         results as JSON lines on stdout; logs, events and errors as JSON
                                       lines on stderr
        --verbose                      show stacks and every event
        -e, --env <name>               the environment (default: TENON_ENVIRONMENT, else dev)

      Examples:
        tenon run wordcount.ts
        tenon run wordcount.ts --help     the flags of the file's own entrypoint
        tenon run --help                  more of one command
      "
    `);
  });

  test("tenon alone shows the same help", async () => {
    expect(await tenon([])).toEqual(await tenon(["--help"]));
  });

  test("tenon run --help teaches what goes where", async () => {
    expect((await tenon(["run", "--help"])).stdout).toMatchInlineSnapshot(`
      "Usage: tenon run [flags] <file[::name]> [args...]

      Bundles the file, starts its App, by default on this machine, runs one entrypoint or Function, and
      stops the App.

      The name may be left out when the file has one entrypoint, or no entrypoint and one Function.

      What follows the file belongs to the entrypoint: "tenon run app.ts --help" shows its flags. Tenon's
      own flags go before the file, so the two never clash.

      With --aws only the entrypoint runs here: the App is deployed as a stack of its own for as long as
      it takes, and what its containers write is shown here. The stack goes when the command ends, Ctrl-C
      included; what a killed command has left, the next one removes.

      A Function's arguments are JSON where they parse as JSON, else text; its result is printed on
      stdout, a generator's items one per line.

      Arguments:
        file[::name]           the file that declares the App, and what to run of it
        args                   flags and arguments of the entrypoint, or arguments of the Function

      Flags:
        --raw                  take every argument of a Function as text
        --aws                  let the Functions run on AWS, in a stack that is removed at the end
        --architecture <name>  processor of the Lambda functions: arm64 or x86_64 (default: "arm64")
        -y, --yes              with --aws: deploy the environment when it is missing, without asking
        -h, --help             show help

      Tenon's own flags:
        --json                 results as JSON lines on stdout; logs, events and errors as JSON lines on
                               stderr
        --verbose              show stacks and every event
        -e, --env <name>       the environment (default: TENON_ENVIRONMENT, else dev)

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

      Arguments:
        name                the App's name

      Flags:
        --local             look on this machine (same as TENON_BACKEND=local)
        -f, --follow        wait for new lines until Ctrl-C
        -n, --tail <lines>  the newest so many lines, at most 20,000 (default: 100)
        --function <name>   lines of this Function only
        --call <id>         lines of this call only (fc-…)
        -h, --help          show help

      Tenon's own flags:
        --json              results as JSON lines on stdout; logs, events and errors as JSON lines on
                            stderr
        --verbose           show stacks and every event
        -e, --env <name>    the environment (default: TENON_ENVIRONMENT, else dev)

      Examples:
        tenon app logs --local wordcount -f
        tenon app logs --local wordcount -n 20 --function count
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
        logs <name>  show what a deployed App's containers wrote

      Flags:
        -h, --help   show help
      "
    `);
  });

  test.each(COMMANDS.map((spec) => [spec.name, spec] as const))(
    "tenon %s --help has a summary, an example and no long line",
    async (name, spec) => {
      const { code, stdout } = await tenon([...name.split(" "), "--help"]);
      expect(code).toBe(0);
      expect(stdout).toContain("Examples:\n");
      for (const flag of spec.flags) expect(stdout).toContain(flag.flags);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(110);
    },
  );

  test("tenon --version prints the version alone", async () => {
    expect(await tenon(["--version"])).toEqual({ code: 0, stdout: "0.0.0-test\n", stderr: "" });
  });
});
