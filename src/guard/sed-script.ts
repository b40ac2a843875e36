import { opaque, type Verdict, worst } from "./verdict.ts";

/** Reads a sed script command by command; what runs a program or writes a file is found, what cannot be read is opaque. */
export function judgeSedScript(script: string, judgeWrite: (path: string) => Verdict | null): Verdict | null {
  const reader = new SedReader(script, judgeWrite);
  return reader.read()
    ? reader.verdict
    : opaque(`The sed script "${script}" could not be read in full.`, "sed");
}

class SedReader {
  verdict: Verdict | null = null;
  readonly #text: string;
  readonly #judgeWrite: (path: string) => Verdict | null;
  #at = 0;

  constructor(text: string, judgeWrite: (path: string) => Verdict | null) {
    this.#text = text;
    this.#judgeWrite = judgeWrite;
  }

  /** False when something in it was not understood. */
  read(): boolean {
    while (true) {
      this.#skip(/[\s;}]*/y);
      if (this.#at >= this.#text.length) return true;
      if (!this.#readAddresses() || !this.#readCommand()) return false;
    }
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match?.[0] ?? "";
  }

  #readAddresses(): boolean {
    if (!this.#readAddress()) return false;
    this.#skip(/\s*/y);
    if (this.#text[this.#at] === ",") {
      this.#at += 1;
      this.#skip(/\s*/y);
      if (!this.#readAddress()) return false;
    }
    this.#skip(/[\s!]*/y);
    return true;
  }

  #readAddress(): boolean {
    if (this.#skip(/[+~]?\d+(~\d+)?|\$/y) !== "") return true;
    const character = this.#text[this.#at];
    if (character !== "/" && character !== "\\") return true;
    this.#at += character === "/" ? 0 : 1;
    if (!this.#readDelimited(1)) return false;
    this.#skip(/[IM]*/y);
    return true;
  }

  /** `/…/` or, with two parts, `/…/…/`, whatever the delimiter. */
  #readDelimited(parts: number): boolean {
    const delimiter = this.#text[this.#at];
    if (delimiter === undefined || delimiter === "\n" || delimiter === "\\") return false;
    this.#at += 1;
    for (let part = 0; part < parts; part += 1) {
      if (!this.#readPart(delimiter, part === 0)) return false;
    }
    return true;
  }

  #readPart(delimiter: string, isPattern: boolean): boolean {
    let isInBrackets = false;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === "\\") this.#at += 1;
      else if (isInBrackets && character === "]") isInBrackets = false;
      else if (character === delimiter && !isInBrackets) {
        this.#at += 1;
        return true;
      } else if (isPattern && character === "[" && !isInBrackets) {
        isInBrackets = true;
        this.#skipBracketStart();
      }
    }
    return false;
  }

  /** `[]x]` and `[^]x]`: a bracket that comes first is an ordinary character. */
  #skipBracketStart(): void {
    if (this.#text[this.#at + 1] === "^") this.#at += 1;
    if (this.#text[this.#at + 1] === "]") this.#at += 1;
  }

  #readCommand(): boolean {
    const command = this.#text[this.#at] ?? "";
    this.#at += 1;
    if (/[{=dDgGhHlnNpPxzF]/.test(command)) return this.#skip(/\d*\s*/y) !== null;
    if (command === "s") return this.#readDelimited(2) && this.#readSubstituteFlags();
    if (command === "y") return this.#readDelimited(2);
    if (/[:btTqQL]/.test(command)) return this.#skip(/[^;\n}]*/y) !== null;
    if (/[aicrR#]/.test(command)) return this.#skip(/(?:\\\n|[^\n])*/y) !== null;
    if (command === "e") return this.#refuse("e");
    if (/[wW]/.test(command)) return this.#readFileName();
    return false;
  }

  #readSubstituteFlags(): boolean {
    const flags = this.#skip(/[gpiImMe\d]*/y);
    if (flags.includes("e")) return this.#refuse("the flag e");
    if (this.#text[this.#at] !== "w") return true;
    this.#at += 1;
    return this.#readFileName();
  }

  #readFileName(): boolean {
    const name = this.#skip(/[^\n]*/y).trim();
    this.verdict = worst(this.verdict, this.#judgeWrite(name));
    return true;
  }

  #refuse(what: string): boolean {
    this.verdict = worst(this.verdict, opaque(`In a sed script, ${what} runs a command.`, "sed"));
    return true;
  }
}
