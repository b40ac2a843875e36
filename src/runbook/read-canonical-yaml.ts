type Value = string | number | Value[] | { [key: string]: Value };

const KEY = /^([A-Za-z_][A-Za-z0-9_]*):(?: (.+))?$/;

/**
 * What {@link formatCanonicalYaml} wrote, at a twentieth of the cost of a YAML parser; null for whatever that never
 * writes. It may take in more than the one form: whoever believes a text formats the value again and compares.
 */
export function readCanonicalYaml(text: string): { [key: string]: Value } | null {
  if (!text.endsWith("\n")) return null;
  try {
    const reader = new Reader(text.slice(0, -1).split("\n"));
    const value = reader.readMap(0);
    return reader.isAtEnd ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

class Reader {
  readonly #lines: string[];
  #at = 0;

  constructor(lines: string[]) {
    this.#lines = lines;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#lines.length;
  }

  readMap(indent: number): { [key: string]: Value } {
    const map: { [key: string]: Value } = {};
    for (let line = this.#lineAt(indent); line !== null; line = this.#lineAt(indent)) {
      const found = KEY.exec(line);
      const [key, scalar] = [found?.[1], found?.[2]];
      if (key === undefined || key === "__proto__" || Object.hasOwn(map, key)) throw new SyntaxError();
      this.#at += 1;
      map[key] = scalar === undefined ? this.#readBlock(indent + 2) : readScalar(scalar);
    }
    return map;
  }

  #readBlock(indent: number): Value {
    return this.#lineAt(indent)?.startsWith("- ") === true ? this.#readList(indent) : this.readMap(indent);
  }

  #readList(indent: number): Value[] {
    const list: Value[] = [];
    for (let line = this.#lineAt(indent); line?.startsWith("- ") === true; line = this.#lineAt(indent)) {
      const item = line.slice(2);
      if (/^["[{\d]/.test(item)) {
        this.#at += 1;
        list.push(readScalar(item));
        continue;
      }
      // The first line of a map stands beside the mark of its item.
      this.#lines[this.#at] = `${" ".repeat(indent + 2)}${item}`;
      list.push(this.#readBlock(indent + 2));
    }
    return list;
  }

  /** The line that is next, without its indentation; null where it belongs to something further out. */
  #lineAt(indent: number): string | null {
    const line = this.#lines[this.#at];
    if (line === undefined) return null;
    let depth = 0;
    while (line[depth] === " ") depth += 1;
    if (depth < indent) return null;
    if (depth > indent || line.length === indent) throw new SyntaxError();
    return line.slice(indent);
  }
}

function readScalar(text: string): Value {
  if (text === "[]") return [];
  if (text === "{}") return {};
  if (text.startsWith('"')) return String(JSON.parse(text));
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new SyntaxError();
}
