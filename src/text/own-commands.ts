/** What our own sentences write for this program; in double quotes stands what somebody else wrote. */
const OWN_COMMAND = /"(?:[^"\\]|\\.)*"|(?<![\w/.-])vibeops (?=[a-z-])/g;

/** A sentence of ours with its commands as `program` is called here: `npx vibeops memo list`. */
export function nameProgram(sentence: string, program: string): string {
  if (program === "vibeops" || !sentence.includes("vibeops")) return sentence;
  return sentence.replaceAll(OWN_COMMAND, (found) => (found.startsWith('"') ? found : `${program} `));
}
