import { describe, expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import {
  type Acknowledgement,
  formatAcknowledgements,
  parseAcknowledgements,
} from "../../src/mesh/acknowledgement.ts";
import { blobId } from "../../src/mesh/blob-id.ts";
import { formatMailMessage, parseMailCommit } from "../../src/mesh/mail-commit.ts";
import { planTree } from "../../src/mesh/plan-tree.ts";
import fc from "../helpers/property.ts";

const names = fc.stringMatching(/^20261120T1432[0-5]\dZ-[0-9a-h]{8}-[a-z]{1,8}\.md$/);
const blobs = fc.stringMatching(/^[0-9a-f]{40}$/);
const codes = fc.constantFrom(null, "memo.not-granted", "memo.forged");
const acknowledgements = fc.uniqueArray(fc.record({ name: names, blob: blobs, refused: codes }), {
  selector: ({ name }) => name,
});

function sorted(list: readonly Acknowledgement[]): Acknowledgement[] {
  return [...list].sort((one, other) => (one.name < other.name ? -1 : 1));
}

describe("what lies on a ref", () => {
  test("acknowledgements that we write we read back, and no bytes make reading fail", () => {
    fc.assert(
      fc.property(acknowledgements, (list) => {
        expect(parseAcknowledgements(formatAcknowledgements(list))).toEqual(sorted(list));
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parseAcknowledgements(text)));
  });

  test("any bytes are a mail commit or are refused as none", () => {
    const head = "tree 1\nauthor a <> 0 +0000\ncommitter a <> 0 +0000\n";
    expect(parseMailCommit("1", Buffer.from(`${head}\n${formatMailMessage("shop", 7)}`))).toMatchObject({
      from: "shop",
      sequence: 7,
      signature: null,
    });
    const parts = fc.constantFrom(
      head,
      "\n",
      "gpgsig x\n",
      " y\n",
      "encoding x\n",
      formatMailMessage("shop", 7),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string())), (texts) => {
        try {
          const { payload, from } = parseMailCommit("1", Buffer.from(texts.join("")));
          expect(payload.toString()).not.toContain("gpgsig");
          expect(from).toBe("shop");
        } catch (error) {
          expect(error).toBeInstanceOf(VibeopsError);
        }
      }),
    );
  });

  test.each([
    ["a header that we do not write", "tree 1\nencoding x\nauthor a\ncommitter a\n"],
    ["two parents", "tree 1\nparent 2\nparent 3\nauthor a\ncommitter a\n"],
    ["two signatures", "tree 1\nauthor a\ncommitter a\ngpgsig x\ngpgsig y\n"],
  ])("%s makes it none", (_what, headers) => {
    expect(() => parseMailCommit("1", Buffer.from(`${headers}\n${formatMailMessage("shop", 7)}`))).toThrow();
  });
});

describe("the next tree", () => {
  const bytes = fc.string().map((text) => Buffer.from(text));
  const outgoing = fc.uniqueArray(
    fc.record({ peer: fc.constantFrom("infra", "billing"), name: names, bytes }),
    {
      selector: ({ name }) => name,
    },
  );

  test("holds what waits, keeps what other clones put there, and says nothing twice", () => {
    fc.assert(
      fc.property(outgoing, outgoing, acknowledgements, (ours, others, said) => {
        const files = new Map(
          others.map(({ peer, name, bytes: text }) => [`to/${peer}/${name}`, blobId(text, "sha1")]),
        );
        const wanted = {
          format: "sha1" as const,
          outgoing: ours,
          acknowledged: new Map([["infra", said]]),
          answers: new Map(),
        };
        const { tree, fresh } = planTree({ files, acknowledged: new Map() }, wanted);
        for (const path of files.keys()) expect(tree.files.get(path)).toBe(files.get(path));
        for (const { peer, name } of ours) expect(tree.files.has(`to/${peer}/${name}`)).toBe(true);
        expect(fresh.size).toBe(tree.files.size - files.size);
        expect(planTree(tree, wanted)).toMatchObject({ hasNews: false, tree });
      }),
    );
  });

  test("drops what was taken, and is no reason for a commit by that alone", () => {
    fc.assert(
      fc.property(outgoing, (memos) => {
        const files = new Map(
          memos.map(({ peer, name, bytes: text }) => [`to/${peer}/${name}`, blobId(text, "sha1")]),
        );
        const answers = new Map(
          ["infra", "billing"].map((peer) => [
            peer,
            memos
              .filter((memo) => memo.peer === peer)
              .map(({ name, bytes: text }) => ({ name, blob: blobId(text, "sha1"), refused: null })),
          ]),
        );
        const wanted = { format: "sha1" as const, outgoing: memos, acknowledged: new Map(), answers };
        const plan = planTree({ files, acknowledged: new Map() }, wanted);
        expect(plan.tree.files.size).toBe(0);
        expect(plan.hasNews).toBe(false);
      }),
    );
  });
});
