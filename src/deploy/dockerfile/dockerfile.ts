import type { TemplateValues } from "../../text/template.ts";
import { proxiedHealthPath } from "../block-facts.ts";
import { type FindTemplate, render } from "../catalogue.ts";
import type { PreparedFile } from "../file-plan.ts";
import type { Situation } from "../situation.ts";
import type { Stack } from "./stack.ts";

/**
 * A Dockerfile and what it leaves out, for a repository that has none. Where a version or a command is an open question,
 * the build stops there and says so.
 */
export function writeDockerfile(
  situation: Situation,
  stack: Stack,
  header: { readonly memo: string },
  find: FindTemplate,
): PreparedFile[] {
  const folder = `deploy/${situation.block.service}`;
  const values = dockerfileValues(situation, stack, header.memo);
  const write = (file: string, template: string) => ({
    path: `${folder}/${file}`,
    // Sections that are left out leave blank lines behind.
    content: render(find, `deploy/dockerfile/${template}`, values).replace(/\n{3,}/g, "\n\n"),
  });
  return [
    write("Dockerfile", `${stack.kind}.Dockerfile`),
    // Read by BuildKit beside a Dockerfile of this name; podman wants `--ignorefile`.
    write("Dockerfile.dockerignore", "dockerignore"),
  ];
}

/** What its build makes; in a repository of another kind a folder of that name is part of what runs. */
const MADE: Readonly<Record<Stack["kind"], readonly string[]>> = {
  node: ["**/node_modules", "coverage"],
  python: [".venv", "venv", "**/__pycache__"],
  go: [],
  rust: ["target"],
  ruby: ["vendor/bundle"],
  php: ["vendor"],
  java: ["target", ".gradle"],
  static: [],
};

function dockerfileValues(situation: Situation, stack: Stack, memo: string): TemplateValues {
  const { block, settings } = situation;
  const port = settings.port?.container;
  const command = commandOf(situation, stack);
  const made = MADE[stack.kind];
  return {
    hasMade: made.length > 0,
    made,
    service: block.service,
    version: block.version,
    memo,
    evidence: stack.evidence,
    language: stack.version ?? "",
    port: port === undefined ? "" : String(port),
    health: healthAddress(situation),
    command: command === null ? "" : JSON.stringify(command),
    manifests: stack.manifests.join(" "),
    install: stack.install,
    build: stack.build.filter((line) => line !== ""),
    artifact: stack.artifact ?? "",
    frontController: stack.kind === "php" && stack.artifact === "/public" ? stack.artifact : "",
  };
}

/** As the memo says, else as the repository's own files do. */
function commandOf({ block, settings }: Situation, stack: Stack): readonly string[] | null {
  const fromMemo = (block.artifacts ?? []).flatMap((one) =>
    "command" in one && one.command ? [one.command] : [],
  )[0];
  return fromMemo ?? settings.command ?? withPort(stack, settings.port?.container);
}

function withPort({ command, portOption }: Stack, port: number | undefined): readonly string[] | null {
  if (command === null || portOption === null || port === undefined) return command;
  return [...command, portOption, String(port)];
}

/** Only characters that mean nothing in a shell, in JSON, in Python or in PHP. */
const PLAIN_PATH = /^\/[A-Za-z0-9._~/-]*$/;

/** What the health check asks inside the container; empty where nobody said, or where it is no plain path. */
function healthAddress({ block, settings }: Situation): string {
  const path = proxiedHealthPath(block, settings.port?.container);
  const port = settings.port?.container;
  return path === undefined || port === undefined || !PLAIN_PATH.test(path)
    ? ""
    : `http://127.0.0.1:${port}${path}`;
}

export type MissingFact =
  | "dockerfile-version"
  | "dockerfile-command"
  | "dockerfile-artifact"
  | "dockerfile-assets"
  | "dockerfile-health";

/** What the Dockerfile cannot say because nothing says it: ids in target-questions.yaml. */
export function missingFacts(situation: Situation, stack: Stack): MissingFact[] {
  const needsBuild = ["go", "rust", "node", "php"].includes(stack.kind);
  const noWrapper = stack.kind === "java" && stack.build.every((line) => line === "");
  const facts: [MissingFact, boolean][] = [
    ["dockerfile-version", stack.version === null && stack.kind !== "static"],
    ["dockerfile-command", commandOf(situation, stack) === null && !["static", "php"].includes(stack.kind)],
    ["dockerfile-artifact", (needsBuild && stack.artifact === null) || noWrapper],
    ["dockerfile-assets", stack.assets !== null],
    // Where nothing is said of health at all, `health-missing` asks for everything at once.
    [
      "dockerfile-health",
      situation.block.health !== undefined && healthAddress(situation) === "" && stack.kind !== "static",
    ],
  ];
  return facts.flatMap(([id, applies]) => (applies ? [id] : []));
}
