import { refuseSecret } from "../text/refuse-secret.ts";
import type { StateEdit } from "./edit-state.ts";
import { STATE_SECTIONS, type StateSection } from "./sections.ts";

/** STATE.md is committed, and shown to whoever is let read it. @throws VibeopsError `state.secret` */
export function refuseSecretsInState(edit: Pick<StateEdit, StateSection>): void {
  for (const { key, title } of STATE_SECTIONS) {
    const place = (line: number) => `line ${line} of what is to stand under '${title}'`;
    refuseSecret("state.secret", edit[key] ?? "", place, "nothing was written");
  }
}
