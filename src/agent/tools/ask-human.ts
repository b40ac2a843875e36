import * as z from "zod";
import { defineTool } from "./tool.ts";

/** What a session has asked; the hand-over note lists it under open questions. */
export interface QuestionList {
  add(question: string): void;
}

export function askHuman(questions: QuestionList) {
  return defineTool({
    name: "ask_human",
    description:
      "Asks a person something that you may not decide or cannot know. It becomes an open question in the hand-over; you get no " +
      "answer in this session, so go on with what does not depend on it.",
    input: z.strictObject({ question: z.string().min(1).max(2000) }),
    readOnly: false,
    async run({ question }) {
      questions.add(question);
      return { text: "noted as an open question for a person", said: question };
    },
  });
}
