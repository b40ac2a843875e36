import { describe, expect, test } from "vitest";
import { editState, type StateEdit } from "../../src/state/edit-state.ts";

const STATE = `# shop

Some words of the owner.

## Current status

Version 1.1.0 runs.

## Recent progress

- third
- second
  with a second line
- first

## Next actions

1. Write the memo

## My own section

\`\`\`
## Handover notes
- not an item
\`\`\`

## Handover notes

Nothing.
`;

const edit = (text: string, change: StateEdit, keep = 10) => editState(text, change, { keep });

describe("editState", () => {
  test("replaces a section and leaves every other byte", () => {
    const after = edit(STATE, { status: "Version 1.2.0 runs.\n\nOn web1." });
    expect(after).toBe(STATE.replace("Version 1.1.0 runs.", "Version 1.2.0 runs.\n\nOn web1."));
  });

  test("puts progress first and keeps the last items, each with its further lines", () => {
    expect(edit(STATE, { progress: "fourth" }, 3)).toBe(
      STATE.replace(
        "- third\n- second\n  with a second line\n- first\n",
        "- fourth\n- third\n- second\n  with a second line\n",
      ),
    );
    expect(edit(STATE, { progress: "fourth" }, 1)).toBe(
      STATE.replace("- third\n- second\n  with a second line\n- first\n", "- fourth\n"),
    );
  });

  test("writes progress on one line, whatever it is given", () => {
    expect(edit(STATE, { progress: " a\n\n## Handover notes\n b " })).toContain(
      "\n- a ## Handover notes b\n- third\n",
    );
  });

  test("makes several edits at once", () => {
    const after = edit(STATE, { status: "s", progress: "p", next: "n", handover: "h" });
    expect(after).toBe(
      STATE.replace("Version 1.1.0 runs.", "s")
        .replace("- third\n", "- p\n- third\n")
        .replace("1. Write the memo", "n")
        .replace("Nothing.", "h"),
    );
  });

  test("fills an empty section with a blank line around", () => {
    const text = "## Current status\n\n## Recent progress\n## Next actions\n\n## Handover notes";
    expect(edit(text, { status: "s", progress: "p", next: "n", handover: "h" })).toBe(
      "## Current status\n\ns\n\n## Recent progress\n\n- p\n\n## Next actions\n\nn\n\n## Handover notes\n\nh\n",
    );
  });

  test("creates a missing section at its place", () => {
    const text = "# x\n\n## Current status\n\na\n\n## Handover notes\n\nb";
    expect(edit(text, { next: "n" })).toBe(
      "# x\n\n## Current status\n\na\n\n## Next actions\n\nn\n\n## Handover notes\n\nb",
    );
    expect(edit("# x\n\n## Current status\n\na", { handover: "h" })).toBe(
      "# x\n\n## Current status\n\na\n\n## Handover notes\n\nh\n",
    );
  });

  test("gives an empty text all four sections", () => {
    expect(edit("", { progress: "p" })).toBe(
      "# State\n\n## Current status\n\n## Recent progress\n\n- p\n\n## Next actions\n\n## Handover notes\n",
    );
  });

  test("keeps CRLF, in what was there and in what is added", () => {
    const crlf = STATE.replaceAll("\n", "\r\n");
    const after = edit(crlf, { status: "a\nb", progress: "p", handover: "h\r\ni" });
    expect(after).toBe(
      edit(STATE, { status: "a\nb", progress: "p", handover: "h\ni" }).replaceAll("\n", "\r\n"),
    );
  });

  test("leaves prose beside the list alone, also when items go", () => {
    const text = "## Recent progress\n\nThe last ones:\n\n* b\n\n* a\n\nMore in git.\n";
    expect(edit(text, { progress: "c" }, 2)).toBe(
      "## Recent progress\n\nThe last ones:\n\n* c\n* b\n\nMore in git.\n",
    );
  });

  test("takes no line inside a code block for an item", () => {
    const text = "## Recent progress\n\n- b\n  ```\n- x\n  ```\n- a\n";
    expect(edit(text, { progress: "c" }, 3)).toContain("- c\n- b\n");
  });

  test.each([
    ["a heading of a section", "a\n\n## Next actions\n\nb"],
    ["a heading with an underline", "a\n---"],
    ["an open code block", "a\n\n```\nb"],
    ["an open comment", "a\n\n<!-- b"],
  ])("refuses text that would break the sections apart: %s", (_, status) => {
    expect(() => edit(STATE, { status })).toThrow(
      expect.objectContaining({ code: "state.structure", exit: 4 }),
    );
  });

  test("accepts a smaller heading and a closed code block", () => {
    const status = "### Details\n\n```sh\n## not a heading\n```";
    expect(edit(STATE, { status })).toBe(STATE.replace("Version 1.1.0 runs.", status));
  });

  test("says so when an open code block leaves no place for a section", () => {
    expect(() => edit("## Current status\n\n```\nopen", { next: "n" })).toThrow(
      expect.objectContaining({ code: "state.structure" }),
    );
  });
});
