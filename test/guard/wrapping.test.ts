import { describe, expect, test } from "vitest";
import { classifyCommand } from "../../src/guard/classify.ts";
import fc from "../helpers/property.ts";
import { corpusFacts } from "./facts.ts";

const isGated = (text: string) => classifyCommand(text, corpusFacts).answer !== "local";
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Each takes a simple command and makes one that runs it. */
const prefixes = [
  "command ",
  "exec ",
  "nohup ",
  "setsid -w ",
  "env ",
  "env -i A=1 ",
  "env -u A -- ",
  "nice ",
  "nice -n 5 ",
  "ionice -c3 ",
  "timeout 10 ",
  "timeout -k 5 -s INT 10s ",
  "stdbuf -oL ",
  "time -p ",
  "! ",
  "taskset -c 0 ",
  "flock /tmp/l ",
  "strace -f -o /tmp/s ",
  "xargs -n1 ",
  "find . -name x -exec ",
  "busybox env ",
  "dbus-run-session -- ",
  "xvfb-run -a ",
  "npx cross-env A=1 ",
  "sudo -n ",
  "systemd-run --user ",
  "no-such-wrapper --flag ",
  "A=1 B=2 ",
  "</dev/null ",
  "2>/dev/null ",
];

/** Each takes a whole script and makes one that runs it. */
const surroundings: ((script: string) => string)[] = [
  (script) => `bash -c ${quote(script)}`,
  (script) => `sh -lc ${quote(script)}`,
  (script) => `bash -o pipefail -ec ${quote(script)}`,
  (script) => `eval ${quote(script)}`,
  (script) => `echo "$( ${script})"`,
  (script) => `x=$( ${script})`,
  (script) => `( ${script})`,
  (script) => `{ ${script}\n}`,
  (script) => `if true; then ${script}\nfi`,
  (script) => `for i in 1 2; do ${script}\ndone`,
  (script) => `while false; do ${script}\ndone`,
  (script) => `f() { ${script}\n}; f`,
  (script) => `case x in *) ${script}\n;; esac`,
  (script) => `ls && ${script}`,
  (script) => `false || ${script}`,
  (script) => `ls | ${script}`,
  (script) => `ls; ${script}`,
  (script) => `${script} &`,
  (script) => `cat <( ${script})`,
  (script) => `ls > >( ${script})`,
  (script) => `bash <<'EOT'\n${script}\nEOT`,
  (script) => `cat <<'EOT' | sh\n${script}\nEOT`,
  (script) => `bash <<< ${quote(script)}`,
  (script) => `printf '%s' ${quote(script)} | bash`,
  (script) => `trap ${quote(script)} EXIT`,
  (script) => `flock /tmp/l -c ${quote(script)}`,
  (script) => `script -qec ${quote(script)} /dev/null`,
  (script) => `env -S ${quote(`bash -c ${quote(script)}`)}`,
  (script) => `xargs -I{} sh -c ${quote(script)}`,
  (script) => `find . -exec sh -c ${quote(script)} \\;`,
  (script) => `git bisect run sh -c ${quote(script)}`,
  (script) => `git rebase --exec ${quote(script)} main`,
  (script) => `tar xf a.tar --to-command=${quote(script)}`,
  (script) => `[[ -n $( ${script}) ]]`,
  (script) => `a=( $( ${script}) )`,
  (script) => `echo $((1 + $( ${script})))`,
];

const liveCommands = [
  "ssh prod id",
  "ssh deploy@10.0.0.5 'systemctl restart app'",
  "scp a.tgz prod:/srv/",
  "rsync -a dist/ web1.example.com:/srv/",
  "kubectl delete pod x",
  "helm upgrade app ./chart",
  "terraform apply -auto-approve",
  "ansible all -m ping",
  "docker -H ssh://prod ps",
  "psql -h db1 -c 'select 1'",
  "curl -X POST https://web1.example.com/deploy",
  "nc prod 22",
  "aws s3 rm s3://x",
  "git push origin main",
  "vibeops runbook approve x",
  "node deploy.js",
  "./deploy.sh",
];

/** Other spellings of the first word that the shell reads alike. */
const spellings: ((word: string) => string)[] = [
  (word) => word,
  (word) => `"${word}"`,
  (word) => `'${word}'`,
  (word) => `\\${word}`,
  (word) => `${word[0]}""${word.slice(1)}`,
  (word) => `${word[0]}'${word.slice(1)}'`,
  (word) => `/usr/bin/${word.replace("./", "")}`,
  (word) => `$'${[...word].map((character) => `\\x${character.charCodeAt(0).toString(16)}`).join("")}'`,
  (word) => `$(echo ${word})`,
  (word) => `$(printf %s ${word})`,
  (word) => `{${word},}`,
  (word) => `\${NOT_SET:-${word}}`,
];

const spelled = fc
  .tuple(fc.constantFrom(...liveCommands), fc.constantFrom(...spellings))
  .map(([command, spell]) => {
    const [word = "", ...rest] = command.split(" ");
    return [spell(word), ...rest].join(" ");
  });

const wrapped = fc
  .tuple(
    spelled,
    fc.array(fc.constantFrom(...prefixes), { maxLength: 3 }),
    fc.array(fc.constantFrom(...surroundings), { maxLength: 3 }),
  )
  .map(([command, before, around]) =>
    around.reduce((script, surround) => surround(script), before.join("") + command),
  );

describe("a live command stays gated", () => {
  test("in every spelling, under every wrapper, in every surrounding, one at a time", () => {
    const variations = liveCommands.flatMap((command) => [
      ...spellings.map((spell) => spell(command.split(" ")[0] ?? "") + command.slice(command.indexOf(" "))),
      ...prefixes.map((prefix) => prefix + command),
      ...surroundings.map((surround) => surround(command)),
    ]);
    expect(variations.length).toBeGreaterThan(300);
    expect(variations.filter((text) => !isGated(text))).toEqual([]);
  });

  test("whatever wrappers, spellings and surroundings are combined", () => {
    fc.assert(
      fc.property(wrapped, (text) => isGated(text)),
      { numRuns: 3_000 },
    );
  });

  test("when its words come from variables", () => {
    const name = fc.stringMatching(/^[a-z]{1,5}$/);
    fc.assert(
      fc.property(
        name,
        fc.constantFrom("ssh", "kubectl", "terraform"),
        fc.nat(2),
        (variable, program, at) => {
          const script = `${variable}=${program.slice(0, at)}; $${variable}${program.slice(at)} prod`;
          const whole = `${variable}=ls; ${variable}=${program}; $${variable} prod`;
          return isGated(script) && isGated(whole);
        },
      ),
    );
  });
});

describe("a local command stays local", () => {
  const transparent = [
    "command ",
    "nohup ",
    "env A=1 ",
    "nice -n 5 ",
    "timeout 10 ",
    "time -p ",
    "stdbuf -oL ",
  ];
  const around = surroundings.slice(0, 18);
  const commands = ["ls -la", "git status", "npm test", "grep -rn 'ssh prod' src", "wc -l a.md"];

  test("under wrappers and in surroundings that add nothing", () => {
    const combined = fc
      .tuple(
        fc.constantFrom(...commands),
        fc.array(fc.constantFrom(...transparent), { maxLength: 2 }),
        fc.constantFrom(...around),
      )
      .map(([command, before, surround]) => surround(before.join("") + command));
    fc.assert(
      fc.property(combined, (text) => !isGated(text)),
      { numRuns: 500 },
    );
  });
});
