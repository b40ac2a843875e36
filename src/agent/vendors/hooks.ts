import type { Vendor } from "./vendor.ts";

/** How a vendor's hooks speak; facts from their documentation, held against the programs by test/e2e. */
export interface HookForm {
  /** The event before a tool runs. */
  before: string;
  /** Tools that run a shell command. */
  shells: readonly string[];
  /** Tools that write files whose paths they are given. */
  editors: readonly string[];
  /** Tools whose command is a patch in Codex's form. */
  patchers: readonly string[];
  /** Tools that read, ask or plan; all others are taken for tools that may write. */
  readers: RegExp;
  /** The answer on standard output that stops the tool and hands the model the reason. */
  deny(reason: string): unknown;
  /** The answer to the start of a session that hands the model a text. */
  start(text: string): unknown;
}

/** Our own MCP tools check for themselves what they are asked. */
const ownTools = "mcp__vibeops__\\w+";

const inClaudesForm = {
  before: "PreToolUse",
  deny: (reason: string) => ({
    hookSpecificOutput: {
      hookEventName: "PreToolUse",
      permissionDecision: "deny",
      permissionDecisionReason: reason,
    },
  }),
  start: (text: string) => ({
    hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: text },
  }),
};

export const hookForms: Readonly<Record<Vendor, HookForm>> = {
  claude: {
    ...inClaudesForm,
    shells: ["Bash", "PowerShell", "Monitor"],
    editors: ["Edit", "Write", "MultiEdit", "NotebookEdit"],
    patchers: [],
    readers: new RegExp(
      `^(Read|Glob|Grep|LS|NotebookRead|Task|Agent|TaskCreate|TaskGet|TaskList|TaskUpdate|TaskOutput|TaskStop|TodoRead|TodoWrite|WebFetch|WebSearch|BashOutput|KillShell|KillBash|AskUserQuestion|EnterPlanMode|ExitPlanMode|Skill|SlashCommand|ToolSearch|LSP|ListMcpResourcesTool|ReadMcpResourceTool|${ownTools})$`,
    ),
  },
  codex: {
    ...inClaudesForm,
    shells: ["Bash", "shell", "local_shell", "shell_command", "exec_command", "unified_exec"],
    editors: [],
    patchers: ["apply_patch"],
    readers: new RegExp(
      `^(update_plan|view_image|web_search|read_file|list_dir|grep_files|list_mcp_resources|list_mcp_resource_templates|read_mcp_resource|request_user_input|${ownTools})$`,
    ),
  },
  gemini: {
    before: "BeforeTool",
    shells: ["run_shell_command"],
    editors: ["write_file", "replace"],
    patchers: [],
    readers:
      /^(read_file|read_many_files|glob|search_file_content|grep_search|list_directory|google_web_search|web_fetch|ask_user|write_todos|enter_plan_mode|exit_plan_mode|activate_skill|get_internal_docs|codebase_investigator|cli_help|complete_task|mcp_vibeops_\w+|vibeops__\w+)$/,
    deny: (reason) => ({ decision: "deny", reason }),
    start: (text) => ({ hookSpecificOutput: { hookEventName: "SessionStart", additionalContext: text } }),
  },
};
