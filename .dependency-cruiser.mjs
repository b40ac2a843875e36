// The house, top to bottom: a folder imports only from rows below its own, and within a row not from its
// neighbours. Each row says why it stands where it does; that reason is what a broken rule prints.
const rows = [
  { folders: ["cli"], reason: "the terminal and the exit code belong to cli; nobody below may know them" },
  {
    folders: ["ui", "mcp"],
    reason: "screens and MCP are two faces of the same features; neither may lean on the other",
  },
  {
    folders: ["agent"],
    reason:
      "agents use the features as a person does; a feature that knows its agent cannot be reviewed without it",
  },
  {
    folders: ["session"],
    reason: "a session gathers what waits in mail, state and runbooks, so it stands above them",
  },
  {
    folders: ["audit", "mesh"],
    reason: "audit re-checks what others wrote and mesh carries it; neither may change how it is made",
  },
  {
    folders: ["release"],
    reason: "facts of a change are gathered from deployments and memos, never the other way",
  },
  { folders: ["deploy"], reason: "deploy writes runbooks; the gate must not know who wrote what it guards" },
  { folders: ["runbook"], reason: "the gate decides on content, policy and trust alone" },
  { folders: ["policy"], reason: "rules see plain values, so they can be tested without a runbook" },
  { folders: ["guard"], reason: "what a command touches is a fact about text, whoever asks" },
  { folders: ["memo"], reason: "mail works without deployments, runbooks or agents" },
  { folders: ["state"], reason: "STATE.md is written by mail and sessions and knows neither" },
  { folders: ["project"], reason: "who works here and who may write is known before any mail is read" },
  { folders: ["text"], reason: "reading and showing text knows no domain" },
  { folders: ["platform"], reason: "files, git and processes know nothing of vibeops" },
];

const pathOf = (folders) => `^src/(${folders.join("|")})/`;

const layers = rows.flatMap(({ folders, reason }, row) => {
  const above = rows.slice(0, row).flatMap((r) => r.folders);
  const rules = [];
  if (above.length > 0) {
    rules.push({
      name: `${folders.join("-and-")}-looks-down`,
      comment: reason,
      severity: "error",
      from: { path: pathOf(folders) },
      to: { path: pathOf(above) },
    });
  }
  for (const folder of folders.length > 1 ? folders : []) {
    rules.push({
      name: `${folder}-leaves-its-neighbour-alone`,
      comment: reason,
      severity: "error",
      from: { path: pathOf([folder]) },
      to: { path: pathOf(folders.filter((other) => other !== folder)) },
    });
  }
  return rules;
});

export default {
  forbidden: [
    ...layers,
    {
      name: "every-folder-has-its-row",
      comment: "a folder outside the order has no rules; give it a row above and in the design",
      severity: "error",
      from: { path: "^src/([^/]+)/", pathNot: pathOf(rows.flatMap((r) => r.folders)) },
      to: {},
    },
    {
      name: "the-public-door-opens-outward",
      comment:
        "src/index.ts is what other people's programs import; our own code imports the file that it means",
      severity: "error",
      from: { path: "^src/.+/" },
      to: { path: "^src/index\\.ts$" },
    },
    {
      name: "no-cycles",
      comment: "two files that need each other are one subject, or hide a third",
      severity: "error",
      from: {},
      to: { circular: true, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "one-door-to-processes",
      comment:
        "processes start in platform/process.ts and attended-process.ts, so that what can reach a host is found by reading two files",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/platform/(attended-)?process\\.ts$" },
      to: { path: "^(node:)?child_process$|(^|/)node_modules/execa/" },
    },
    {
      name: "one-door-to-gray-matter",
      comment:
        "gray-matter runs code that it finds in front matter unless it is guarded: text/front-matter.ts holds the guard",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/text/front-matter\\.ts$" },
      to: { path: "(^|/)node_modules/gray-matter/" },
    },
    {
      name: "not-to-dev-dependencies",
      comment: "what ships may only need what is installed with it",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
    },
  },
};
