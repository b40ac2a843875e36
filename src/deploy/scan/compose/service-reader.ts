import { posix } from "node:path";
import type { ComposeService } from "../../compose-file/project.ts";
import { type Interpolated, interpolate } from "../../interpolate.ts";
import { at, entriesOf, type Located, scalarOf } from "../../located/located.ts";
import { type Fact, fact, type Place } from "../fact.ts";

/** A text of a service with its variables put in, and where it stands. */
export interface ReadText {
  readonly text: string;
  readonly place: Place;
  /** ` (default of TAG)`: what the evidence must say besides the line. */
  readonly note: string;
}

/** Reads values of one service: each text after interpolation, undefined where only who runs it knows it. */
export class ServiceReader {
  readonly service: ComposeService;
  /** Variables that the service's text mentions. */
  readonly mentioned: { name: string; required: boolean | undefined; place: Place }[] = [];

  constructor(service: ComposeService) {
    this.service = service;
    this.#mention(service.body, 0);
  }

  get(...path: readonly string[]): Located | undefined {
    return at(this.service.body, ...path);
  }

  text(node: Located | undefined): ReadText | undefined {
    const scalar = scalarOf(node);
    if (scalar === undefined) return undefined;
    const { text, defaults } = this.#interpolate(scalar.text);
    if (text === null || text === "") return undefined;
    const note = defaults.length === 0 ? "" : ` (default of ${defaults.join(", ")})`;
    return { text, place: scalar.place, note };
  }

  textAt(...path: readonly string[]): ReadText | undefined {
    return this.text(this.get(...path));
  }

  fact<T>(value: T, { place, note }: ReadText, word: string): Fact<T> {
    return fact(value, place, `${word}${note}`);
  }

  /** The folder that a relative path at this place counts from. */
  folderOf(place: Place): string {
    const { files, folder } = this.service;
    return files.includes(place.file) ? folder : posix.dirname(place.file);
  }

  #interpolate(text: string): Interpolated {
    return interpolate(text, this.service.values);
  }

  /** Depth is bounded by Compose's own shape; what stands deeper is no setting of a service. */
  #mention(node: Located, depth: number): void {
    if (depth > 6 || this.mentioned.length > 500) return;
    if (node.kind === "list") for (const item of node.items) this.#mention(item, depth + 1);
    else if (node.kind === "map")
      for (const [, { value }] of entriesOf(node)) this.#mention(value, depth + 1);
    else if (node.text.includes("$")) {
      for (const { name, required } of this.#interpolate(node.text).variables)
        this.mentioned.push({ name, required, place: node.place });
    }
  }
}
