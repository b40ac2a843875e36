import type { GuardFacts } from "../../guard/facts.ts";
import { type Candidate, commandName, plainTask, usualTask } from "./candidate.ts";
import { judgeTasks, type Task } from "./provable-tasks.ts";

/** What make runs or reads before any target, or what changes what a recipe is or how it is run, pattern rules included. */
const readsFurther = [
  /\$[({](?:shell|eval|file|guile|call|foreach)\b/,
  /^[^\t#]*!=/m,
  /^\s*(?:-?s?include|define|load|vpath|override)\b/m,
  /^[^\t#]*\b(?:SHELL|SHELLFLAGS|MAKEFLAGS|GNUMAKEFLAGS|MAKE|PATH|ENV|BASH_ENV|NODE_OPTIONS|LD_\w+|GIT_\w+)\s*[:?+]*=/m,
  /^\.(?:ONESHELL|RECIPEPREFIX|DEFAULT|SECONDEXPANSION)\b/m,
  /^[^\t#=]*%[^=]*:/m,
];

/** `target other: what it needs ; a recipe`; not an assignment. */
const rule = /^([^\s#:=][^#:=]*):(?!=)([^=#]*)/;

/** The usual targets of a Makefile with a recipe of their own, judged with what they depend on. */
export function makefileCandidates(text: string, hosts: GuardFacts["hosts"]): Candidate[] {
  const lines = text.replaceAll(/\\\r?\n/g, " ").split(/\r?\n/);
  const tasks = new Map([...readRules(lines)].map(([name, one]) => [name, taskOf(name, one)]));
  for (const [name, { texts, refused }] of tasks)
    if (texts.length === 0 && refused === undefined) tasks.delete(name);
  const isOpen = readsFurther.some((pattern) => pattern.test(lines.join("\n")));
  const judged = judgeTasks(withoutFiles(tasks), hosts);
  return [...tasks.keys()]
    .filter((name) => usualTask.test(name))
    .map((name) => ({
      name: commandName(name),
      command: `make ${name}`,
      why: isOpen ? "Its Makefile runs or reads something else before." : (judged.get(name) ?? null),
    }));
}

interface Rule {
  readonly needs: string[];
  readonly recipe: string[];
}

function readRules(lines: readonly string[]): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  let current: Rule[] = [];
  for (const line of lines) {
    if (line.startsWith("\t")) {
      for (const { recipe } of current) recipe.push(line);
      continue;
    }
    const [whole, targets, rest = ""] = rule.exec(line) ?? [];
    if (whole === undefined || targets === undefined || line[whole.length] === "=") continue;
    const end = rest.indexOf(";");
    current = targets
      .trim()
      .split(/\s+/)
      .map((name) => {
        const one = rules.get(name) ?? { needs: [], recipe: [] };
        rules.set(name, one);
        one.needs.push(
          ...(end < 0 ? rest : rest.slice(0, end)).split(/[\s|]+/).filter((need) => need !== ""),
        );
        if (end >= 0) one.recipe.push(line.slice(line.indexOf(";") + 1));
        return one;
      });
  }
  return rules;
}

const NEEDS = "make ";

function taskOf(name: string, { needs, recipe }: Rule): Task {
  const texts = recipe.map((line) => line.replace(/^[@+\-\s]+/, "").replaceAll(/\$[({]MAKE[)}]/g, "make"));
  // Make puts a variable's text into the recipe before any shell reads it: it may be more than a word.
  const variable = [...texts, ...needs].find((text) => /\$/.test(text.replaceAll("$$", "")));
  return {
    texts: [...needs.map((need) => `${NEEDS}${need}`), ...texts.map((text) => text.replaceAll("$$", "$"))],
    calls: plainTask.test(name) ? [`${NEEDS}${name}`] : [],
    ...(variable === undefined ? {} : { refused: `Make fills in a variable: "${variable.trim()}".` }),
  };
}

/** What has no rule is a file, for which make has nothing to run. */
function withoutFiles(tasks: ReadonlyMap<string, Task>): Map<string, Task> {
  return new Map(
    [...tasks].map(([name, task]) => {
      const texts = task.texts.filter(
        (text) => !text.startsWith(NEEDS) || tasks.has(text.slice(NEEDS.length)),
      );
      return [name, { ...task, texts }];
    }),
  );
}
