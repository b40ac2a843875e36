// The whole command line in a process of its own, for tests at a pseudo-terminal.
import { main } from "../../src/cli/main.ts";

await main(process.argv.slice(2));
