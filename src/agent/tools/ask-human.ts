import * as z from "zod/mini";
import { addQuestion } from "../../session/questions.ts";
import { refuseSecretsInState } from "../../state/refuse-secrets.ts";
import { defineTool } from "./tool.ts";

export const askHuman = defineTool({
  name: "ask_human",
  description:
    "Asks a person something that you may not decide or cannot know. It becomes an open question in the hand-over; you get no " +
    "answer in this session, so go on with what does not depend on it.",
  input: z.strictObject({ question: z.string().check(z.minLength(1), z.maxLength(2000)) }),
  readOnly: false,
  async run({ question }, { project }) {
    refuseSecretsInState({ handover: question });
    addQuestion(project.root, question);
    return { text: "noted as an open question for a person", said: question };
  },
});
