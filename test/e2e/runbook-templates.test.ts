import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireGit } from "../../src/platform/git.ts";
import { loadProject } from "../../src/project/project.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import type { Gate } from "../../src/runbook/gate.ts";
import type { Operator } from "../../src/runbook/operator.ts";
import { addSigner, trustPaths } from "../../src/runbook/trust.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { type TestProject, type Workspace, workspace } from "../helpers/workspace.ts";
import { ADA, makeTestKey, PRESENT, testSigner } from "../runbook/gate-workspace.ts";
import { scriptedOperator } from "../runbook/scripted-operator.ts";
import { type Host, startHost } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { runProcess } from "./processes.ts";

const PASSPHRASE = "only a person knows this";
const facts = { terminal: true };

/** A sysadmin's project whose only host is the test's, and a person who may approve. */
interface Office {
  space: Workspace;
  infra: TestProject;
  gate: () => Gate;
  /** A runbook from a template; returns its id. */
  make: (template: string, settings?: Readonly<Record<string, string>>) => Promise<string>;
  approve: (id: string) => Promise<void>;
}

function openOffice(host: Host): Office {
  const space = workspace();
  Object.assign(space.context.env, { PATH: host.operatorEnv.PATH });
  Object.assign(space.context, { now: () => new Date() });
  const infra = space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  infra.write(
    "inventory.yaml",
    `hosts:\n  web1: { transport: ssh, tier: live, host_keys: ["${host.hostKeyFingerprint}"] }\n`,
  );
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "Know the host");
  const paths = trustPaths(space.context.env);
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  makeTestKey(paths.key, PASSPHRASE);
  addSigner(paths, ADA, readFileSync(`${paths.key}.pub`, "utf8"));
  const gate = (): Gate => ({
    project: loadProject(infra.root),
    git: requireGit(infra.root, space.context.env),
    context: space.context,
  });
  return {
    space,
    infra,
    gate,
    make: async (template, settings = {}) => {
      const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
      const made = await infra.vibeops(
        "runbook",
        "new",
        `Try ${template}`,
        "--from",
        template,
        ...set,
        "--json",
      );
      expect(made, made.stdout).toMatchObject({ exit: 0 });
      return JSON.parse(made.stdout).result.id;
    },
    approve: async (id) => {
      const plan = await planDecision(gate(), id, { decision: "approve", principal: ADA });
      await recordDecision(gate(), plan, PRESENT, testSigner(space.directory, paths.key, PASSPHRASE));
    },
  };
}

interface Conduct {
  /** Steps that the person leaves out, with the reason that the record keeps. */
  skip?: Readonly<Record<string, string>>;
  /** What the person does before they say yes to a step. */
  before?: Readonly<Record<string, () => unknown>>;
  /** What the person does when a step fails, and then chooses. */
  onFailure?: Readonly<Record<string, () => Promise<string>>>;
}

interface Conducted extends Operator {
  /** Everything that came from the host, and everything that was said and asked. */
  readonly heard: string[];
}

/** A person who says yes to everything but what is told here; a failure that nobody foresaw ends the test. */
function conduct({ skip = {}, before = {}, onFailure = {} }: Conduct): Conducted {
  const heard: string[] = [];
  const failures = new Map<string, number>();
  let title = "";
  let reason = "it was decided";
  return {
    ...scriptedOperator([]),
    heard,
    showStep: (view) => {
      title = view.title;
    },
    say: (message) => void heard.push(message),
    output: (_, text) => void heard.push(text),
    ask: async () => reason,
    async choose(question, choices) {
      heard.push(question);
      const answer = await decide(question);
      const choice = choices.find(({ value }) => value === answer);
      if (choice === undefined) throw new Error(`"${answer}" is no answer to "${question}"`);
      return choice.value;
    },
  };

  async function decide(question: string): Promise<string> {
    if (question.startsWith("Before you start")) return "yes";
    if (question.includes("What now?") || question.includes("What happened?")) return await face(question);
    if (question.startsWith("Roll back step")) return "run";
    reason = skip[title] ?? reason;
    if (skip[title] !== undefined) return "skip";
    await before[title]?.();
    return "run";
  }

  async function face(question: string): Promise<string> {
    const act = onFailure[title];
    const count = (failures.get(title) ?? 0) + 1;
    failures.set(title, count);
    if (act !== undefined && count <= 3) return await act();
    throw new Error(`${title}: ${question}\n${heard.slice(-30).join("")}`);
  }
}

/** Every path in a folder with its kind, permissions, owner and content, read by the test itself. */
function readTree(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      const stats = lstatSync(join(folder, path));
      const facts = `${path} ${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`;
      if (stats.isSymbolicLink()) return [`${facts} -> ${readlinkSync(join(folder, path))}`];
      if (stats.isDirectory()) return [facts, ...readTree(folder, path)];
      return [`${facts} ${readFileSync(join(folder, path)).toString("base64")}`];
    });
}

const missing = missingComponents(["sshd", "system", "restic"]);

describe.skipIf(missing.length > 0)(
  nameWithMissing("runbooks from templates, on a real host", missing),
  () => {
    let host: Host;

    beforeAll(async () => {
      host = await startHost({ parts: ["sshd", "system"] });
    });
    afterAll(async () => {
      await host?.stop();
    });

    /** Ways to log in that the server offers to somebody without a key. */
    async function offered(): Promise<string> {
      const flags = ["-F", host.sshConfig, "-o", "PubkeyAuthentication=no", "web1", "true"];
      return (await runProcess("ssh", flags)).stderr;
    }

    test("schedule-backups: what restic restores is what was there, byte for byte; only the timer needs a systemd that this host has not", async () => {
      const office = openOffice(host);
      const shop = host.path("/srv/shop");
      mkdirSync(join(shop, "data/empty folder"), { recursive: true });
      writeFileSync(join(shop, "data/orders.db"), randomBytes(1_500_000));
      writeFileSync(join(shop, 'data/it\'s a "name" $HOME\nwith a second line'), "x\0y\r\n", { mode: 0o640 });
      writeFileSync(join(shop, "data/none"), "");
      symlinkSync("../data/orders.db", join(shop, "latest"));
      chownSync(join(shop, "data/none"), 1234, 5678);
      chmodSync(join(shop, "data/empty folder"), 0o2770);

      const id = await office.make("schedule-backups", { DATA: "/srv/shop", REPOSITORY: "/var/tmp/restic" });
      await office.approve(id);
      const restored = host.path("/var/tmp/vibeops-restore/srv/shop");
      const spoilt = join(restored, "data/orders.db");
      let good = Buffer.alloc(0);
      let compared = 0;
      const operator = conduct({
        onFailure: {
          "Place the password": async () => {
            const words = `umask 077; head -c 24 /dev/urandom | base64 >/etc/restic/password.vibeops-secret`;
            expect((await host.run(words)).exitCode).toBe(0);
            return "retry";
          },
          "Compare it byte for byte": async () => {
            writeFileSync(spoilt, good);
            compared += 1;
            return "retry";
          },
        },
        before: {
          // One bit of one file: the runbook must find it, and go on only when it is right again.
          "Compare it byte for byte": () => {
            if (compared > 0) return;
            good = readFileSync(spoilt);
            const other = Buffer.from(good);
            other[700_000] = (other[700_000] ?? 0) ^ 1;
            writeFileSync(spoilt, other);
          },
          "Clear the rehearsal away": () => {
            expect(readTree(restored)).toEqual(readTree(shop));
            expect(readTree(shop)).toHaveLength(6);
          },
        },
        skip: { "Start the timer": "a loopback host has no systemd" },
      });
      const outcome = await walkRunbook(office.gate(), id, { mode: "ssh", operator, facts });
      expect(outcome).toMatchObject({ phase: "completed" });
      expect(compared).toBe(1);
      const said = operator.heard.join("\n");
      expect(said).toContain("the same, byte for byte: 3 files");
      expect(said).toContain("The secret is not here yet");
      expect((await host.run("ls -A /var/tmp/vibeops-restore")).exitCode).not.toBe(0);
      expect((await host.run("cat /etc/restic/backup.sh")).stdout).toContain("--keep-daily 7");
      const snapshots = await host.run(
        "restic --repo /var/tmp/restic --password-file /etc/restic/password snapshots --json",
      );
      const tags = JSON.parse(snapshots.stdout).flatMap(({ tags }: { tags: string[] }) => tags);
      expect(tags.sort()).toEqual(["scheduled", `vibeops-${id}`]);
    }, 300_000);

    test("harden-server: an account and keys only, for real; packages, firewall, fail2ban and clock are this machine's and are skipped", async () => {
      const office = openOffice(host);
      expect(await offered()).toContain("password");
      const key = readFileSync(join(host.directory, "operator/id_ed25519.pub"), "utf8");
      expect((await host.run("mkdir -p ~/.ssh; cat >~/.ssh/authorized_keys", key)).exitCode).toBe(0);
      const id = await office.make("harden-server", {
        SSH_PORT: String(host.sshPort),
        AUTHORIZED_KEYS: (await host.run("echo ~/.ssh/authorized_keys")).stdout.trim(),
      });
      await office.approve(id);
      const operator = conduct({
        skip: {
          "Install the packages": "the packages are this machine's",
          "Load the firewall": "the network is this machine's",
          "Let fail2ban read them": "a loopback host has no systemd",
          "Keep the time": "the clock is this machine's",
        },
      });
      const outcome = await walkRunbook(office.gate(), id, { mode: "ssh", operator, facts });
      expect(outcome).toMatchObject({ phase: "completed" });
      expect(await offered()).toContain("Permission denied (publickey).");
      expect((await host.run("sshd -T | grep permitrootlogin")).stdout).toBe(
        "permitrootlogin without-password\n",
      );
      expect((await host.run("cat /home/sysop/.ssh/authorized_keys; id -nG sysop")).stdout).toBe(
        `${key}sysop sudo\n`,
      );
      expect((await host.run("test -e /run/vibeops-way-back")).exitCode).toBe(1);
      // The copy of this machine's accounts is the host's alone.
      expect(readFileSync("/etc/passwd", "utf8")).not.toMatch(/^sysop:/m);

      const verification = await verifyRunbook(office.gate(), id, {
        mode: "ssh",
        operator: conduct({}),
        facts,
      });
      expect(verification.ok, "firewall, fail2ban and clock were skipped, and verification says so").toBe(
        false,
      );
    }, 300_000);

    test("harden-server: rules that lock everybody out take themselves back when nobody says that they still get in", async () => {
      const own = await startHost({ parts: ["sshd", "system"] });
      try {
        const office = openOffice(own);
        const id = await office.make("harden-server", {
          SSH_PORT: String(own.sshPort),
          WAY_BACK_SECONDS: "25",
        });
        const key = readFileSync(join(own.directory, "operator/id_ed25519.pub"), "utf8");
        await own.run("mkdir -p /root/.ssh; cat >/root/.ssh/authorized_keys", key);
        const rules = `runbooks/${id}/files/sshd-keys-only.conf`;
        office.infra.write(rules, `AuthorizedKeysFile none\n${office.infra.read(rules)}`);
        expect((await office.infra.vibeops("runbook", "compile", id)).exit).toBe(0);
        office.infra.git("commit", "--all", "--quiet", "-m", "A mistake that nobody saw");
        await office.approve(id);
        let lockedOut = false;
        const operator = conduct({
          skip: {
            "Install the packages": "the packages are this machine's",
            "Give a person an account": "not what this is about",
          },
          onFailure: {
            "Let sshd read them": async () => {
              lockedOut = (await own.run("true")).exitCode !== 0;
              while ((await own.run("true")).exitCode !== 0) await sleep(500);
              return "roll-back";
            },
          },
        });
        const outcome = await walkRunbook(office.gate(), id, { mode: "ssh", operator, facts });
        expect(lockedOut).toBe(true);
        expect(outcome).toMatchObject({ phase: "rolled-back" });
        expect((await own.run("ls /etc/ssh/sshd_config.d /run/vibeops-way-back")).stdout).not.toMatch(
          /00-vibeops|way-back/,
        );
        expect((await own.run("echo in")).stdout).toBe("in\n");
      } finally {
        await own.stop();
      }
    }, 300_000);
  },
);
