import { isTrue } from "../../compose-file/booleans.ts";
import { type Located, wordsOf } from "../../located/located.ts";
import { fact } from "../fact.ts";
import type { Facts } from "../facts.ts";
import { healthAddressOf, plainWords, withoutExit } from "../health-address.ts";
import type { ServiceReader } from "./service-reader.ts";

/** What a service's health check asks, and the command where it needs no shell; nothing where it is switched off. */
export function readHealth(reader: ServiceReader): Partial<Facts> {
  const test = reader.get("healthcheck", "test");
  if (test === undefined || isTrue(reader.get("healthcheck", "disable"))) return {};
  const { command, text } = readTest(reader, test);
  const { path, port } = healthAddressOf(text) ?? {};
  const place = placeOf(test, path ?? "");
  return {
    healthPath: path === undefined ? [] : [fact(path, place, "healthcheck")],
    healthPort: port === undefined ? [] : [fact(port, place, "healthcheck")],
    healthCommand: command === null || command.includes("") ? [] : [fact(command, test.place, "healthcheck")],
  };
}

/** `NONE`, `["CMD", …]`, `["CMD-SHELL", "…"]`, or a text for the shell. */
function readTest(reader: ServiceReader, test: Located): { command: string[] | null; text: string } {
  const words = wordsOf(test);
  const [first, ...others] = words?.map((word) => reader.text(word)?.text ?? "") ?? [];
  if (first === "CMD") return { command: others, text: others.join(" ") };
  const shell =
    words === null ? (reader.text(test)?.text ?? "") : first === "CMD-SHELL" ? others.join(" ") : "";
  if (shell === "" || shell.trim() === "NONE") return { command: null, text: "" };
  return { command: plainWords(withoutExit(shell)), text: shell };
}

/** In a list over several lines, the word that holds the path. */
function placeOf(test: Located, path: string) {
  const word = wordsOf(test)?.find((candidate) => candidate.text.includes(path));
  return (word ?? test).place;
}
