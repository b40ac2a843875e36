import * as z from "zod/mini";
import { linearPattern } from "../text/linear-pattern.ts";

/** What one action says. Made where a project defines one: few do, and every command would pay for it. */
function actionSchema() {
  const described = { description: z.optional(z.string().check(z.maxLength(300))) };
  const pattern = z.string().check(
    z.minLength(1),
    z.maxLength(500),
    z.refine(isPattern, {
      error: "a regular expression for the whole value, without look-around, back references and \\b",
    }),
  );
  const parameter = z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("string"),
      ...described,
      pattern: z.optional(pattern),
      max_length: z._default(z.int().check(z.minimum(1), z.maximum(4000)), 1000),
      default: z.optional(z.string()),
    }),
    z.strictObject({
      type: z.literal("number"),
      ...described,
      min: z.optional(z.number()),
      max: z.optional(z.number()),
      default: z.optional(z.number()),
    }),
    z.strictObject({ type: z.literal("boolean"), ...described, default: z.optional(z.boolean()) }),
    z.strictObject({
      type: z.literal("enum"),
      ...described,
      values: z
        .array(
          z
            .string()
            .check(
              z.minLength(1),
              z.maxLength(200),
              z.refine(isPlain, { error: "a value without control characters" }),
            ),
        )
        .check(z.minLength(1), z.maxLength(50)),
      default: z.optional(z.string()),
    }),
  ]);
  // Arguments, in which `${name}` stands for a parameter, alone or as a part. No shell reads them.
  const template = z.array(z.string().check(z.maxLength(2000))).check(z.minLength(1), z.maxLength(100));
  return z.strictObject({
    description: z.string().check(z.minLength(1), z.maxLength(300)),
    // Values are written in YAML and become one argument each.
    parameters: z._default(
      z.record(
        z.string().check(z.regex(/^[a-z][a-z0-9_]{0,39}$/, { error: "a parameter's name is a-z 0-9 _" })),
        parameter,
      ),
      {},
    ),
    run: z.optional(template),
    check: z.optional(template),
    rollback: z.optional(template),
    no_rollback: z.optional(z.string().check(z.minLength(1), z.maxLength(300))),
    tier: z.optional(z.enum(["local", "staging", "live", "destructive"])),
  });
}

export type ActionDefinition = z.output<ReturnType<typeof actionSchema>>;
export type ParameterDefinition = ActionDefinition["parameters"][string];

const TEMPLATES = ["run", "check", "rollback"] as const;

/** One argument of a template, taken apart: text, and names of parameters. */
export type TemplatePart = { readonly text: string } | { readonly parameter: string };

/** `a${b}` → text a, parameter b. A `$` that begins no `${name}` stands for itself. */
export function readArgument(argument: string): TemplatePart[] {
  return argument
    .split(/(\$\{[a-z][a-z0-9_]*\})/)
    .filter((piece) => piece !== "")
    .map((piece) => (/^\$\{[a-z]/.test(piece) ? { parameter: piece.slice(2, -1) } : { text: piece }));
}

/** The `actions:` of vibeops.yaml. */
export const actionDefinitions = z._default(
  z.lazy(() =>
    z.record(
      z.string().check(
        z.regex(/^[a-z][a-z0-9_-]{0,31}\.[a-z][a-z0-9_-]{0,31}$/, {
          error: "an action's name is two words with a dot between them, such as assets.upload",
        }),
      ),
      actionSchema().check(
        z.superRefine((action, context) => {
          for (const problem of findProblems(action)) context.addIssue({ code: "custom", ...problem });
        }),
      ),
    ),
  ),
  {},
);

interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

function findProblems(action: ActionDefinition): Problem[] {
  const problems: Problem[] = [];
  if (action.run === undefined && action.check === undefined) {
    problems.push({ path: [], message: "an action has a `run`, a `check` or both" });
  }
  if (action.run !== undefined && (action.rollback === undefined) === (action.no_rollback === undefined)) {
    problems.push({ path: ["run"], message: "needs either a `rollback` or a `no_rollback` that says why" });
  }
  for (const key of TEMPLATES) problems.push(...findTemplateProblems(action, key));
  for (const [name, one] of Object.entries(action.parameters)) {
    const message = findDefaultProblem(one);
    if (message !== null) problems.push({ path: ["parameters", name, "default"], message });
  }
  return problems;
}

function findTemplateProblems(action: ActionDefinition, key: (typeof TEMPLATES)[number]): Problem[] {
  const argv = action[key] ?? [];
  const problems = argv.flatMap((argument, i): Problem[] => {
    const unknown = readArgument(argument).find(
      (part) => "parameter" in part && !Object.hasOwn(action.parameters, part.parameter),
    );
    const path = [key, i];
    if (unknown !== undefined && "parameter" in unknown) {
      return [{ path, message: `uses \${${unknown.parameter}}, which is not under parameters` }];
    }
    if (!isPlain(argument)) return [{ path, message: "an argument holds no control characters" }];
    return isCode(argv, i)
      ? [{ path, message: "a parameter is never read as code; pass it as an argument" }]
      : [];
  });
  const [program = ""] = argv;
  const isProgram = /^[A-Za-z0-9_./][A-Za-z0-9_./+-]*$/.test(program) && !SHELL_WORDS.has(program);
  if (argv.length > 0 && !isProgram) {
    problems.push({ path: [key, 0], message: "the first argument is the name of a program, as it is" });
  }
  return problems;
}

/** Reserved words of a shell, and commands of its own that read their arguments as code. */
const SHELL_WORDS = new Set(
  (
    ". : alias break builtin case command continue coproc declare do done elif else enable esac eval exec exit " +
    "export fc fi for function if in let local mapfile readonly return select set shift source then " +
    "time times trap typeset unalias unset until while"
  ).split(" "),
);

/** With the version that may stand behind its name. */
const INTERPRETER =
  /(?:^|\/)(?:(?:ba|da|z|k|mk|a|fi|tc|c)?sh|busybox|(?:python|perl|ruby|node|nodejs|php|[gmn]?awk|sed|lua|psql|mysql|mariadb)[\d.]*)$/;
/** Their first word is code, unless an option has it already. */
const CODE_FIRST = /(?:^|\/)(?:[gmn]?awk|sed)$/;
const SHELL = /(?:^|\/)(?:(?:ba|da|z|k|mk|a|fi|tc|c)?sh|busybox)$/;
const CODE_FLAG = /^(?:-[A-Za-z]*[ceEr]|--(?:eval|print|command|execute|run))(?:=|$)/;

/**
 * Whether an argument with a parameter in it would be read as code: after `-c` and the like of an interpreter, or
 * anywhere after ssh, su and eval, which hand their arguments to a shell.
 */
function isCode(argv: readonly string[], index: number): boolean {
  const argument = argv[index] ?? "";
  const parts = readArgument(argument);
  if (!parts.some((part) => "parameter" in part)) return false;
  const before = argv.slice(0, index);
  if (before.some((word) => /(?:^|\/)(?:ssh|su|eval|runuser)$/.test(word))) return true;
  if (!before.some((word) => INTERPRETER.test(word))) return false;
  if (CODE_FLAG.test(argv[index - 1] ?? "")) return true;
  // Behind its flag in one argument too: `-e${code}`, `--eval=${code}`.
  if (CODE_FLAG.test(argument.slice(0, argument.indexOf("${")))) return true;
  const editor = before.findIndex((word) => CODE_FIRST.test(word));
  if (editor !== -1 && !argument.startsWith("-") && isFirstWord(before.slice(editor + 1))) return true;
  const shell = before.findIndex((word) => SHELL.test(word));
  return shell !== -1 && isShellCode(before.slice(shell + 1));
}

/** Whether awk or sed, given these words, takes the next one for its code. */
function isFirstWord(words: readonly string[]): boolean {
  if (words.some((word) => /^(?:-[A-Za-z]*[ef]|--(?:expression|file|source))(?:=|$)/.test(word)))
    return false;
  // `-F` and `-v` of awk take a word.
  const isTaken = (i: number) => /^-[Fv]$/.test(words[i - 1] ?? "");
  return !isTaken(words.length) && words.every((word, i) => word.startsWith("-") || isTaken(i));
}

/** Whether a shell that was given these words takes the next one for its code: `-c` only says that there is one. */
function isShellCode(words: readonly string[]): boolean {
  const flag = words.findIndex((word) => /^-[A-Za-z]*c[A-Za-z]*$/.test(word));
  if (flag === -1) return false;
  const rest = words.slice(flag);
  // `-o` takes a name; everything else that stands before the code begins with a sign.
  return rest.every((word, i) => /^[-+]/.test(word) || /^[-+][A-Za-z]*o$/.test(rest[i - 1] ?? ""));
}

function findDefaultProblem(one: ParameterDefinition): string | null {
  if (one.default === undefined) return null;
  if (one.type === "enum") return one.values.includes(one.default) ? null : "is none of its values";
  if (one.type === "number") {
    const { min = -Infinity, max = Infinity } = one;
    return one.default >= min && one.default <= max ? null : "is not between min and max";
  }
  if (one.type !== "string") return null;
  if (!isPlain(one.default)) return "holds control characters";
  const fits =
    one.pattern === undefined || !isPattern(one.pattern) || linearPattern(one.pattern)(one.default);
  return fits && one.default.length <= one.max_length ? null : "does not fit the pattern or max_length";
}

function isPattern(text: string): boolean {
  try {
    linearPattern(text);
    return true;
  } catch {
    return false;
  }
}

function isPlain(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}
