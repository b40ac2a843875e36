import type { ToolCall } from "./provider.ts";

/** A call whose arguments came as text: a model can write JSON that is none, and no arguments at all mean none. */
export function readCall(id: string, name: string, text: string): ToolCall {
  if (text.trim() === "") return { id, name, input: {} };
  try {
    return { id, name, input: JSON.parse(text) as unknown };
  } catch {
    return { id, name, malformed: text };
  }
}

/** Vendors and servers take back objects only: a call that was no JSON, or another kind of it, goes back without arguments. */
export function objectOf(input: unknown): object {
  return typeof input === "object" && input !== null && !Array.isArray(input) ? input : {};
}
