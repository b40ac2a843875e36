import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findCutOff, TranscriptWriter } from "../../src/agent/loop/transcript.ts";
import { workspace } from "../helpers/workspace.ts";

const ID = "20261120T120000Z-aaaaaaaa";
const time = "2026-11-20T12:00:00.000Z";
const say = (text: string) => ({ kind: "message", time, message: { role: "user", text } }) as const;

function begun() {
  const { root } = workspace().project(
    "shop",
    "project: shop\nagents: { developer: { provider: builtin } }\n",
  );
  const begin = { role: "developer", provider: "openai", model: "m", system: "s", boundary: "b" };
  write(root, { kind: "start", time, ...begin }, say("é one"));
  return { root, file: join(root, `.vibeops/transcripts/${ID}.jsonl`) };
}

function write(root: string, ...lines: Parameters<TranscriptWriter["write"]>[0][]) {
  const transcript = new TranscriptWriter(root, ID);
  for (const line of lines) transcript.write(line);
  transcript.close();
}

test.each([
  ["half a line", '{"kind":"message","ti'],
  ["a line without its end", JSON.stringify(say("two"))],
  ["what a power cut left", `\0\0\0\0\n${JSON.stringify(say("two"))}\n`],
])("a conversation that goes on behind %s is read whole afterwards", (_, rest) => {
  const { root, file } = begun();
  appendFileSync(file, rest);
  write(root, say("three"));
  const texts = () =>
    findCutOff(root, "developer")?.transcript.messages.map((one) => "text" in one && one.text);
  expect(texts()).toEqual(["é one", "three"]);
  write(root, { kind: "end", time, ended: "done" });
  expect(findCutOff(root, "developer")).toBeNull();
});
