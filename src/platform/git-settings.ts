import type { Context } from "./context.ts";

/**
 * Agents write `.git`, and a person runs our commands there. These settings stand above those of the repository, so
 * that nothing in it is started by a git of ours (hooks, monitors, gpg, transports that would fetch what is missing),
 * and nothing in it decides what git tells us of the history.
 */
const OVERRIDES = [
  // A folder that looks like a repository itself is none of ours: `.git` is.
  "safe.bareRepository=explicit",
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.commitGraph=false",
  "log.showSignature=false",
  "log.showRoot=true",
  "log.follow=false",
  "i18n.logOutputEncoding=UTF-8",
];

export const SAFE_ARGUMENTS: readonly string[] = OVERRIDES.flatMap((setting) => ["-c", setting]);

/** Names a variable that is empty. */
const EMPTY = "VIBEOPS_EMPTY";

/** Variables by which a hook or an alias would send our git to another repository or index. */
const REDIRECTIONS = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_PREFIX",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_SHALLOW_FILE",
  // These change what the name of a file means.
  ...["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"],
];

/** The environment of a git of ours: no other repository, no replacements or grafts, no network. */
export function safeEnvironment(env: Context["env"]): Context["env"] {
  const clean: Record<string, string | undefined> = {
    ...env,
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_GRAFT_FILE: "/dev/null",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "",
    [EMPTY]: "",
  };
  for (const name of REDIRECTIONS) delete clean[name];
  return clean;
}

/**
 * Arguments that empty the filter drivers which a repository's own configuration defines, from what
 * `git config --show-scope --name-only -z --get-regexp ^filter` prints. A person's own (git-lfs) stay.
 */
export function withoutFilters(listed: string): string[] {
  const fields = listed.split("\0");
  const names = fields.flatMap((key, i) => {
    const isOwn = fields[i - 1] === "local" || fields[i - 1] === "worktree";
    const name = /^filter\.(.+)\.[^.]+$/s.exec(key)?.[1];
    return i % 2 === 1 && isOwn && name !== undefined ? [name] : [];
  });
  return [...new Set(names)].flatMap((name) =>
    // Unlike `-c`, this takes a name that holds an equals sign.
    ["clean", "smudge", "process", "required"].map((key) => `--config-env=filter.${name}.${key}=${EMPTY}`),
  );
}
