import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { addToConfig } from "../../src/project/config-edit.ts";
import fc from "../helpers/property.ts";

const peer = { section: "peers", key: "infra", value: { path: "../infra" } };
const grant = {
  section: "accepts",
  value: { from: "infra", types: ["request", "info"], until: "2027-11-20" },
};

describe("addToConfig", () => {
  test("adds a line to a map and to a list, and leaves comments and spacing", () => {
    const text = `# about
project:   shop     # the name
peers:
    # the first one
    docs:   { path: ../docs }   # writes

accepts:
- from: docs     # everything

commands: {}
`;
    expect(addToConfig(text, [peer, grant])).toBe(
      text
        .replace("# writes\n", "# writes\n    infra: { path: ../infra }\n")
        .replace(
          "# everything\n",
          "# everything\n- { from: infra, types: [request, info], until: 2027-11-20 }\n",
        ),
    );
  });

  test("opens an empty map and an empty list, and keeps the comment beside them", () => {
    const text = "project: shop\npeers: {}   # nobody yet\naccepts: []\n";
    expect(addToConfig(text, [peer, grant])).toBe(
      "project: shop\npeers:   # nobody yet\n  infra: { path: ../infra }\naccepts:\n" +
        "  - { from: infra, types: [request, info], until: 2027-11-20 }\n",
    );
  });

  test("adds a section that is missing, also after a last line without an end", () => {
    expect(addToConfig("project: shop", [peer])).toBe(
      "project: shop\n\npeers:\n  infra: { path: ../infra }\n",
    );
  });

  test("keeps CRLF", () => {
    expect(addToConfig("project: shop\r\npeers:\r\n  a: { path: ../a }\r\n", [peer])).toBe(
      "project: shop\r\npeers:\r\n  a: { path: ../a }\r\n  infra: { path: ../infra }\r\n",
    );
  });

  test("finds a way where there is no place for a line", () => {
    const after = addToConfig("# why\nproject: shop\npeers: { docs: { path: ../docs } }\n", [peer]);
    expect(after).toContain("# why\n");
    expect(parse(after)).toEqual({
      project: "shop",
      peers: { docs: { path: "../docs" }, infra: { path: "../infra" } },
    });
  });

  test("always means what was there and what was added, and nothing else", () => {
    const comment = fc.constantFrom("", "  # a comment", " # {}: [");
    const peers = fc.constantFrom(
      "peers: {}",
      "peers:",
      "peers: ~",
      "peers:\n  docs: { path: ../docs }",
      "peers:\n    docs:\n        path: ../docs",
      'peers:\n  docs: {\n    path: "../docs"\n  }',
      "peers: { docs: { path: ../docs } }",
      "",
    );
    const accepts = fc.constantFrom(
      "accepts: []",
      "accepts:",
      "accepts:\n- { from: docs }",
      "accepts:\n  - from: docs\n    types:\n      - info",
      "accepts: [{ from: docs }]",
      "",
    );
    const gap = fc.constantFrom("\n", "\n\n", "\n# between\n");
    fc.assert(
      fc.property(peers, comment, accepts, comment, gap, fc.boolean(), (p, c1, a, c2, between, ends) => {
        const text = `project: shop${between}${p}${p && c1}${between}${a}${a && c2}${ends ? "\n" : ""}`;
        const before = parse(text) as { peers?: object | null; accepts?: object[] | null };
        const after = addToConfig(text, [peer, grant]);
        expect(parse(after)).toEqual({
          ...before,
          peers: { ...before.peers, infra: peer.value },
          accepts: [...(before.accepts ?? []), grant.value],
        });
        for (const note of [p && c1, a && c2]) expect(after).toContain(note.trim());
      }),
      { numRuns: 500 },
    );
  });
});
