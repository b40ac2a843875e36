import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import { runCli } from "../../src/cli/program.ts";
import { runIn } from "../helpers/cli.ts";
import { workspace } from "../helpers/workspace.ts";

test("who says no to the lines for a peer is told that no mail goes yet, and how to be asked again", async () => {
  const { context, directory } = workspace();
  for (const name of ["shop", "infra"]) mkdirSync(join(directory, name));
  await runIn(join(directory, "infra"), context, ["init", "--role", "sysadmin"]);
  let said = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString("utf8");
      done();
    },
  });
  const io = {
    cwd: join(directory, "shop"),
    context,
    stdin: Readable.from(["n\n"]),
    stdout: stream,
    stderr: stream,
    isInteractive: true,
    hasColour: false,
    columns: 60,
  };
  expect(await runCli(["init", "--role", "developer", "--peer", "../infra"], io)).toBe(0);
  expect(said).toContain("Write these lines in both projects?");
  expect(said).toContain("no mail goes between this project and");
  expect(said).toContain("`vibeops init --peer ../infra`");
});
