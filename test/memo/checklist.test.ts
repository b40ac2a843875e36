import { describe, expect, it } from "vitest";
import { findItem, memoState, scanChecklist, tickItem } from "../../src/memo/checklist.ts";

const memo = `---
id: x
---

- [ ] stray

## Action items

- [x] Prepare the Compose configuration
- [ ] Write the runbook
  - [ ] with rollback

\`\`\`
- [ ] shown
\`\`\`

## Context

- [ ] other

## ACTION ITEMS

1. [ ] Tell the owner
`;

describe("scanChecklist", () => {
  it("counts the boxes of every section Action items, and no others", () => {
    expect(scanChecklist(memo).map(({ checked, text, line }) => [checked, text, line])).toEqual([
      [true, "Prepare the Compose configuration", 9],
      [false, "Write the runbook", 10],
      [false, "with rollback", 11],
      [false, "Tell the owner", 23],
    ]);
  });
});

describe("tickItem", () => {
  it.each(["\n", "\r\n"])("changes one byte (%j)", (newline) => {
    const text = memo.replaceAll("\n", newline);
    const item = findItem(scanChecklist(text), "2");
    const ticked = tickItem(text, item);
    expect(ticked).toBe(text.replace("- [ ] Write", "- [x] Write"));
    expect(tickItem(ticked, findItem(scanChecklist(ticked), "2"))).toBe(ticked);
  });
});

describe("findItem", () => {
  const items = scanChecklist(memo);

  it.each([
    ["1", "Prepare the Compose configuration"],
    ["RUNBOOK", "Write the runbook"],
    [" with rollback ", "with rollback"],
  ])("finds %j", (wanted, text) => {
    expect(findItem(items, wanted).text).toBe(text);
  });

  it.each([
    ["9", "memo.item-missing"],
    ["", "memo.item-missing"],
    ["the", "memo.item-ambiguous"],
  ])("refuses %j", (wanted, code) => {
    expect(() => findItem(items, wanted)).toThrow(
      expect.objectContaining({ code, fix: "name one by its number, 1 to 4" }),
    );
  });
});

describe("memoState", () => {
  it("follows the boxes", () => {
    const item = { text: "", line: 1, boxOffset: 0 };
    const states = [[], [false], [true, false], [true, true]].map((boxes) =>
      memoState(boxes.map((checked) => ({ ...item, checked }))),
    );
    expect(states).toEqual(["new", "new", "in progress", "ready"]);
  });
});
