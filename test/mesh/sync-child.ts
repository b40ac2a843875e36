import { syncMail } from "../../src/mesh/sync.ts";
import { randomBytes } from "../../src/platform/random-suffix.ts";
import { loadProject } from "../../src/project/project.ts";

/** One sync of the project in the folder that is named, in a process that can be killed. */
const context = { env: process.env, now: () => new Date("2026-11-20T14:32:11Z"), randomBytes };
await syncMail(loadProject(process.argv[2] ?? ""), context);
