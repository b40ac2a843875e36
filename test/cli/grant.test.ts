import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runIn } from "../helpers/cli.ts";
import { shopAndInfra, workspace } from "../helpers/workspace.ts";

const SHOP = `# shop
project: shop
agents: { developer: { provider: builtin } }
peers:
  infra: { path: ../infra }   # ops
accepts:
  - { from: infra, types: [request], until: 2026-12-01 }  # for now
`;
const INFRA =
  "project: infra\nagents: { sysadmin: { provider: builtin } }\npeers: { shop: { path: ../shop } }\naccepts: []\n";

function neighbours(shopText = SHOP) {
  const space = workspace();
  return { ...space, shop: space.project("shop", shopText), infra: space.project("infra", INFRA) };
}

describe("grant add", () => {
  test("writes the line, commits vibeops.yaml alone, and keeps the rest of the file", async () => {
    const { shop } = neighbours();
    shop.write("other.txt", "not yours");
    shop.git("add", "other.txt");
    const added = await shop.vibeops("grant", "add", "infra", "--types", "info", "--read", "state", "--yes");
    expect(added).toMatchObject({ exit: 0, stderr: "" });
    expect(shop.read("vibeops.yaml")).toBe(
      SHOP.replace("[request]", "[request, info]").replace("2026-12-01 }", "2026-12-01, read: [state] }"),
    );
    expect(shop.git("show", "--format=%s", "--name-only")).toBe(
      "Grant to infra: request, info; reads state; until 2026-12-01\n\nvibeops.yaml\n",
    );
    expect(shop.git("status", "--porcelain")).toBe("A  other.txt\n");
  });

  test("says so where the last commit holds a file that cannot be read, and leaves the mended one alone", async () => {
    const { shop } = neighbours();
    shop.write("vibeops.yaml", `${SHOP}broken: [\n`);
    shop.git("commit", "--quiet", "--all", "-m", "Broken");
    shop.write("vibeops.yaml", SHOP);
    const refused = await shop.vibeops("grant", "revoke", "infra", "--json");
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: "yaml.syntax",
      message: expect.stringMatching(/^in the last commit: /),
      fix: expect.stringContaining("git commit"),
    });
    expect(shop.read("vibeops.yaml")).toBe(SHOP);
    shop.git("commit", "--quiet", "--all", "-m", "Mended");
    expect((await shop.vibeops("grant", "revoke", "infra")).exit).toBe(0);
  });

  test("leaves what a person has not finished in the file uncommitted and whole", async () => {
    const { shop } = neighbours();
    const mine = SHOP.replace("# ops", "# my note, not done").concat("commands: { test: npm test }\n");
    shop.write("vibeops.yaml", mine);
    await shop.vibeops("grant", "add", "infra", "--until", "2027-06-30", "--yes");
    const longer = (text: string) => text.replace("2026-12-01", "2027-06-30");
    expect(shop.git("show", "HEAD:vibeops.yaml")).toBe(longer(SHOP));
    expect(shop.read("vibeops.yaml")).toBe(longer(mine));
    shop.git("commit", "--quiet", "--all", "--message", "mine");
    expect(shop.git("show", "HEAD:vibeops.yaml")).toBe(longer(mine));
  });

  test("asks, and writes nothing where nobody can be asked", async () => {
    const { shop } = neighbours();
    const refused = await shop.vibeops("grant", "add", "infra", "--types", "info");
    expect(refused.exit).toBe(6);
    expect(refused.stderr).toContain("--dry-run");
    const shown = await shop.vibeops("grant", "add", "infra", "--types", "info", "--dry-run");
    expect(shown).toMatchObject({ exit: 0 });
    expect(shown.stdout).toContain("+  - { from: infra, types: [request, info], until: 2026-12-01 }");
    expect(shop.read("vibeops.yaml")).toBe(SHOP);
    expect(shop.git("log", "--format=%s")).toBe("Start\n");
  });

  test("with --both opens both ends, each committed in its own repository", async () => {
    const { shop, infra } = neighbours("project: shop\nagents: { developer: { provider: builtin } }\n");
    const added = await shop.vibeops("grant", "add", "../infra", "--both", "--until", "90d", "--yes");
    expect(added).toMatchObject({ exit: 0, stderr: "" });
    expect(shop.read("vibeops.yaml")).toContain("{ from: infra, types: [request, info], until: 2027-02-18 }");
    expect(infra.read("vibeops.yaml")).toContain(
      "{ from: shop, types: [deployment, request, info], until: 2027-02-18 }",
    );
    for (const project of [shop, infra]) {
      expect(project.git("status", "--porcelain")).toBe("");
      expect(project.git("log", "-1", "--format=%s")).toMatch(/^Grant to /);
    }
    for (const [from, to] of [
      [shop, "infra"],
      [infra, "shop"],
    ] as const)
      expect((await from.vibeops("memo", "new", "Hello", "--to", to, "--body", "hi")).exit).toBe(0);
  });

  test("with --both is a person's: an agent's environment is refused, whatever it says yes to", async () => {
    const { shop, infra, context } = neighbours();
    Object.assign(context.env, { CLAUDECODE: "1" });
    const refused = await shop.vibeops("grant", "add", "infra", "--types", "security", "--both", "--yes");
    expect(refused.exit).toBe(5);
    expect(refused.stderr).toContain("CLAUDECODE");
    expect(infra.read("vibeops.yaml")).toBe(INFRA);
    expect(shop.read("vibeops.yaml")).toBe(SHOP);
  });

  test("takes back what it wrote where git refuses the commit", async () => {
    const { shop, context } = neighbours();
    Object.assign(context.env, { GIT_AUTHOR_NAME: "", GIT_COMMITTER_NAME: "", GIT_AUTHOR_EMAIL: "" });
    const refused = await shop.vibeops("grant", "add", "infra", "--types", "info", "--yes");
    expect(refused).toMatchObject({ exit: 2 });
    expect(shop.read("vibeops.yaml")).toBe(SHOP);
  });

  test.each([
    [["nobody"], 5, "has no peer 'nobody'"],
    [["infra", "--types", "requests"], 2, "did you mean 'request'?"],
    [["infra", "--until", "2026-11-19"], 2, "which is over"],
    [["infra", "--until", "2026-02-30"], 2, "--until is '2026-02-30'"],
    [["infra", "--until", "soon"], 2, "--until is 'soon'"],
  ])("says what is wrong with %j", async (args, exit, words) => {
    const { shop } = neighbours();
    const refused = await shop.vibeops("grant", "add", ...args, "--yes");
    expect(refused.exit).toBe(exit);
    expect(refused.stderr).toContain(words);
    expect(shop.read("vibeops.yaml")).toBe(SHOP);
  });
});

describe("grant revoke", () => {
  test("narrows, commits, and says what it means for the mail that is here", async () => {
    const { shop, infra } = shopAndInfra();
    await infra.vibeops("memo", "new", "Taken in", "--to", "shop", "--body", "one");
    await shop.vibeops("session", "start");
    await infra.vibeops("memo", "new", "Not yet", "--to", "shop", "--body", "two");
    const revoked = await shop.vibeops("grant", "revoke", "infra");
    expect(revoked).toMatchObject({ exit: 0, stderr: "" });
    expect(revoked.stdout).toContain("1 pending from infra");
    expect(revoked.stdout).toContain("1 arrived and not checked yet");
    expect(revoked.stdout).toContain("From now on infra is refused where it writes such memos");
    expect(shop.read("vibeops.yaml")).toContain("accepts: []");
    expect(shop.git("log", "-1", "--format=%s")).toBe("Grant to infra: nothing\n");
    await shop.vibeops("session", "start");
    expect(shop.list("memos/incoming")).toHaveLength(1);
    expect(shop.list("memos/quarantine").filter((name) => name.endsWith(".reason.md"))).toHaveLength(1);
    expect((await infra.vibeops("memo", "new", "More", "--to", "shop", "--body", "x")).exit).toBe(5);
  });

  test("says so where nothing of that is granted", async () => {
    const { shop } = neighbours();
    const nothing = await shop.vibeops("grant", "revoke", "infra", "--types", "deployment");
    expect(nothing.exit).toBe(3);
    expect(nothing.stderr).toContain("nothing of that is granted to infra");
  });
});

describe("grant explain", () => {
  const explain = async (project: ReturnType<typeof neighbours>["shop"], ...args: string[]) => {
    const { exit, stdout } = await project.vibeops("grant", "explain", ...args, "--json");
    const { result } = JSON.parse(stdout);
    return { exit, ...result } as {
      exit: number;
      granted: boolean;
      steps: { holds: boolean; says: string; line?: number; fix?: string; file: string }[];
    };
  };

  test("walks through both files, line by line, to a yes", async () => {
    const { infra, shop } = neighbours();
    const yes = await explain(infra, ".", "shop", "--type", "request");
    expect(yes).toMatchObject({ exit: 0, granted: true });
    expect(yes.steps.map(({ says, line, file }) => [says, file, line])).toEqual([
      ["infra lists shop as its peer 'shop'", join(infra.root, "vibeops.yaml"), 3],
      ["shop lists infra as its peer 'infra'", join(shop.root, "vibeops.yaml"), 5],
      ["shop accepts mail of type request from infra", join(shop.root, "vibeops.yaml"), 7],
      ["it holds until 2026-12-01 (11 days left)", join(shop.root, "vibeops.yaml"), 7],
    ]);
  });

  test("names the step that fails, its line and the fix, and the fix mends it", async () => {
    const { infra, shop } = neighbours();
    const no = await explain(infra, ".", "shop", "--type", "info");
    expect(no).toMatchObject({ exit: 5, granted: false });
    expect(no.steps.at(-1)).toMatchObject({
      holds: false,
      says: "shop does not accept mail of type info from infra",
      line: 7,
      fix: 'in shop, a person types: vibeops grant add infra --types info; or adds under accepts: "- { from: infra, types: [info] }"',
    });
    await shop.vibeops("grant", "add", "infra", "--types", "info", "--yes");
    expect(await explain(infra, ".", "shop", "--type", "info")).toMatchObject({ exit: 0 });
  });

  test("says which folder is listed to whoever writes from another one of the same project", async () => {
    const { shop, directory, context } = shopAndInfra();
    const linked = join(directory, "shop-linked");
    shop.git("worktree", "add", "--quiet", linked);
    const argv = ["memo", "new", "Look", "--to", "infra", "--body", "Words."];
    const { exit, stderr } = await runIn(linked, context, argv);
    expect(exit).toBe(5);
    expect(stderr).toContain(
      `infra lists shop at ../shop, and this is another folder: ${linked}; nothing was sent`,
    );
    expect((await shop.vibeops(...argv)).exit).toBe(0);
  });

  test("tells the last day from the day after", async () => {
    const { infra, context } = neighbours();
    context.setNow("2026-12-01T23:59:59Z");
    expect((await explain(infra, ".", "shop")).steps.at(-1)?.says).toContain("today is its last day");
    context.setNow("2026-12-02T00:00:00Z");
    const over = await explain(infra, ".", "shop");
    expect(over).toMatchObject({ exit: 5 });
    expect(over.steps.at(-1)?.says).toBe("what shop accepted from infra ended on 2026-12-01");
  });

  test("takes `.`, a name, a peer's name and folders, from inside and from outside", async () => {
    const { infra, shop, directory } = neighbours();
    for (const [from, to] of [
      [".", "shop"],
      ["infra", "shop"],
      ["../infra", "../shop"],
      [infra.root, shop.root],
      [".", "../shop/"],
    ] as const)
      expect(await explain(infra, from, to), `${from} ${to}`).toMatchObject({
        exit: 0,
        from: "infra",
        to: "shop",
      });
    const outside = {
      ...shop,
      vibeops: (...argv: string[]) =>
        import("../helpers/cli.ts").then(({ runIn }) => runIn(directory, neighbours().context, argv)),
    };
    expect(await explain(outside, "infra", "shop")).toMatchObject({ exit: 0 });
    const unknown = await infra.vibeops("grant", "explain", ".", "shpo");
    expect(unknown.exit).toBe(3);
    expect(unknown.stderr).toContain("did you mean 'shop'?");
  });

  test("a peer on another machine is no yes", async () => {
    const text = SHOP.replace("path: ../infra", "git: ssh://git@host.example/infra.git");
    const { shop } = neighbours(text);
    const unknown = await explain(shop, ".", "infra");
    expect(unknown).toMatchObject({ exit: 5, granted: false });
    expect(unknown.steps.at(-1)?.says).toContain("cannot be read from here");
  });
});

describe("grant list", () => {
  test("says who may write and read, until when, to whom we may, and what is one-sided", async () => {
    const space = workspace();
    const shop = space.project(
      "shop",
      `${SHOP.replace("infra: { path: ../infra }", "infra: { path: ../infra }\n  gone: { path: ../gone }\n  docs: { path: ../docs }")}  - { from: docs, read: [state], types: [], until: 2026-11-19 }\n  - { from: stranger }\n`,
    );
    space.project("infra", INFRA);
    space.project("docs", "project: docs\nagents: { writer: { provider: builtin } }\n");
    const { result } = JSON.parse((await shop.vibeops("grant", "list", "--json")).stdout);
    expect(result.accepts).toMatchObject([
      {
        from: "infra",
        types: ["request"],
        until: "2026-12-01",
        daysLeft: 11,
        state: "ending",
        oneSided: null,
        line: 9,
      },
      {
        from: "docs",
        types: [],
        read: ["state"],
        state: "ended",
        daysLeft: -1,
        oneSided: expect.stringContaining("docs does not list shop"),
      },
      {
        from: "stranger",
        types: null,
        until: null,
        state: "holds",
        oneSided: expect.stringContaining("peers"),
      },
    ]);
    expect(result.peers).toMatchObject([
      { peer: "infra", accepts: "no", why: "infra accepts nothing from shop" },
      { peer: "gone", accepts: "unknown" },
      { peer: "docs", accepts: "no" },
    ]);
    expect((await shop.vibeops("grant", "list", "--expired")).stdout).toBe(
      "  docs  ended 2026-11-19  no mail; reads state\n    one-sided: docs does not list shop as a peer, so it neither writes nor reads here\n",
    );
  });

  test("a session is warned while it can still be renewed, and not once another line goes on", async () => {
    const { shop } = neighbours();
    const warnings = async () =>
      JSON.parse((await shop.vibeops("session", "start", "--json")).stdout).result.facts.warnings as {
        kind: string;
        text: string;
      }[];
    expect((await warnings()).find(({ kind }) => kind === "grant.ending")?.text).toContain("infra");
    await shop.vibeops("grant", "add", "infra", "--until", "2027-06-30", "--yes");
    expect((await warnings()).some(({ kind }) => kind === "grant.ending")).toBe(false);
  });
});

describe("reading in another project", () => {
  const commands = [
    ["state", "show"],
    ["memo", "list"],
    ["memo", "show", "secret"],
    ["memo", "search", "secret"],
  ];

  test.each(commands)(
    "%s %s shows nothing without the grant of the project that is read",
    async (...argv) => {
      const { shop, infra } = shopAndInfra();
      infra.write("STATE.md", "## Current status\n\nsecret plans\n");
      await infra.vibeops("memo", "new", "A secret", "--to", "infra", "--body", "secret words");
      for (const json of [[], ["--json"]]) {
        const refused = await shop.vibeops(...argv, "--project", "infra", ...json);
        expect(refused.exit).toBe(5);
        expect(refused.stdout + refused.stderr).toContain(
          "in infra, a person types: vibeops grant add shop --read",
        );
        expect(refused.stdout + refused.stderr).not.toContain("secret");
      }
      const what = argv[0] === "state" ? "state" : "memos";
      await infra.vibeops("grant", "add", "shop", "--read", what, "--yes");
      const read = await shop.vibeops(...argv, "--project", "infra");
      expect(read).toMatchObject({ exit: 0, stderr: "" });
      expect(read.stdout).toContain("secret");
      const files = readFileSync(join(infra.root, "vibeops.yaml"), "utf8");
      writeFileSync(join(infra.root, "vibeops.yaml"), files.replace("2027-06-30", "2026-11-19"));
      expect((await shop.vibeops(...argv, "--project", "infra")).exit).toBe(5);
    },
  );

  test("one grant is not the other", async () => {
    const { shop, infra } = shopAndInfra();
    await infra.vibeops("grant", "add", "shop", "--read", "state", "--yes");
    expect((await shop.vibeops("memo", "list", "--project", "infra")).exit).toBe(5);
    expect((await shop.vibeops("memo", "list", "--project", "nobody")).exit).toBe(5);
  });
});
