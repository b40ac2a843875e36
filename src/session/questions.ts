import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readIfExists } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { makeVisible } from "../text/visible.ts";

const FOLDER = ".vibeops";
const FILE = "questions.txt";

/** Keeps what an agent asks a person until the session's end, when it goes into the hand-over note: a line each. */
export function addQuestion(root: string, question: string): void {
  const line = makeVisible(question.trim().replaceAll(/\s+/g, " "), { newlines: false });
  appendFileSync(join(ensureDirectory(root, FOLDER), FILE), `${line}\n`);
}

/** What was asked since the last session ended. */
export function listQuestions(root: string): string[] {
  const text = readIfExists(join(root, FOLDER, FILE))?.toString("utf8") ?? "";
  return text.split("\n").filter((line) => line !== "");
}

export function clearQuestions(root: string): void {
  rmSync(join(root, FOLDER, FILE), { force: true });
}

/** The hand-over note with the open questions under it. */
export function withQuestions(note: string, questions: readonly string[]): string {
  if (questions.length === 0) return note;
  const list = ["Open questions for a person:", "", ...questions.map((question) => `- ${question}`)].join(
    "\n",
  );
  return note === "" ? list : `${note}\n\n${list}`;
}
