import { at, itemsOf, type Located, scalarOf, textOf } from "../../located/located.ts";
import { type Fact, fact } from "../fact.ts";
import type { Unit } from "../facts.ts";

/** An image that a kustomization puts in the place of another. */
interface Replacement {
  /** As manifests call it, without a tag. */
  readonly name: string;
  readonly image: Fact<string>;
}

/** What `images:` of a kustomization sets: another name, tag or digest for every image of a name. */
export function readReplacements(kustomization: Located | undefined): Replacement[] {
  return itemsOf(at(kustomization, "images")).flatMap((node) => {
    const name = textOf(at(node, "name"));
    const [digest, tag, other] = ["digest", "newTag", "newName"].map((key) => scalarOf(at(node, key)));
    const changed = digest ?? tag ?? other;
    if (name === undefined || changed === undefined) return [];
    const version = digest === undefined ? (tag === undefined ? "" : `:${tag.text}`) : `@${digest.text}`;
    const word = digest === undefined ? (tag === undefined ? "newName" : "newTag") : "digest";
    return [{ name, image: fact(`${other?.text ?? name}${version}`, changed.place, word) }];
  });
}

/** The workload with what overlays make of its image beside it: which of them is deployed, no file says. */
export function withReplacements(unit: Unit, replacements: readonly Replacement[]): Unit {
  const names = new Set(unit.facts.image.map(({ value }) => value.replace(/@.*$|:[^/:]*$/, "")));
  const image = replacements.filter(({ name }) => names.has(name)).map((one) => one.image);
  return image.length === 0
    ? unit
    : { ...unit, facts: { ...unit.facts, image: [...unit.facts.image, ...image] } };
}
