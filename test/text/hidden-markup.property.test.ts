import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { expect, it } from "vitest";
import { findFlags } from "../../src/text/flags.ts";
import { misleads } from "../../src/text/link-target.ts";
import fc from "../helpers/property.ts";

const remark = unified().use(remarkParse).use(remarkGfm);

type Root = ReturnType<typeof remark.parse>;
type Nodes = Root | Root["children"][number];

/** What a reader of the page sees of a link's text. */
function shownBy(node: Nodes): string {
  if ("children" in node) return node.children.map(shownBy).join("");
  return node.type === "text" || node.type === "inlineCode" ? node.value : node.type === "break" ? "\n" : "";
}

/** Links and images of a page as remark reads them: what is shown, and where it leads. */
function linksOf(page: string): { isImage: boolean; text: string; url: string }[] {
  const root: Root = remark.parse(page);
  const all: Nodes[] = [];
  const visit = (node: Nodes): void => {
    all.push(node);
    if ("children" in node) node.children.forEach(visit);
  };
  visit(root);
  const definitions = new Map(
    all
      .flatMap((node) => (node.type === "definition" ? [[node.identifier, node.url] as const] : []))
      .toReversed(),
  );
  return all.flatMap((node) => {
    const isImage = node.type === "image" || node.type === "imageReference";
    if (node.type === "link" || node.type === "image")
      return [{ isImage, text: shownBy(node), url: node.url }];
    if (node.type !== "linkReference" && node.type !== "imageReference") return [];
    const url = definitions.get(node.identifier);
    return url === undefined ? [] : [{ isImage, text: shownBy(node), url }];
  });
}

const words = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 }).map((chosen) => chosen.join(""));
const text = words(
  ...[
    "good",
    "github",
    ".example",
    ".com",
    "\\.",
    "&#46;",
    "&period;",
    "&#x2e;com",
    "/a",
    "/a_b_c",
    "https://",
  ],
  ...[
    "https\\:",
    "&#58;//",
    "*x*",
    "**good**",
    "`good.example`",
    "~~b~~",
    "_",
    " ",
    "\n",
    "[",
    "]",
    "[a]",
    "\\]",
  ],
  ...["a@good.example", "docs at ", "&amp;", "\\\\", "(", "<b>", "!"],
);
const target = words(
  ...[
    "https://",
    "https&#58;//",
    "https\\://",
    "//",
    "mailto:",
    "javascript:",
    "&#106;avascript:",
    "good.example",
  ],
  ...[
    "evil.example",
    "github.com",
    "evil&period;example",
    "/a",
    "/a_b_c",
    "\\_",
    "&#47;",
    "(",
    ")",
    "(a)",
    "#x",
    "docs",
  ],
  ...["good.example&#64;", "good.example@", "?a=b&amp;c", "\\)", "<", ">", " ", "\n"],
);
const link = fc.oneof(
  fc.tuple(text, target).map(([shown, leadsTo]) => `[${shown}](${leadsTo})`),
  fc.tuple(text, target).map(([shown, leadsTo]) => `[${shown}](<${leadsTo}> "title")`),
  fc.tuple(text, target).map(([shown, leadsTo]) => `![${shown}](${leadsTo})`),
  fc.tuple(text, target).map(([shown, leadsTo]) => `[${shown}][ref]\n\n[ref]: ${leadsTo}\n`),
  fc.tuple(text, target).map(([shown, leadsTo]) => `[${shown}]\n\n[${shown}]: <${leadsTo}>\n`),
  fc.tuple(text, target).map(([shown, leadsTo]) => `\\[${shown}](${leadsTo})`),
  fc.tuple(text, text, target).map(([shown, more, leadsTo]) => `[${shown} [${more}](x) b](${leadsTo})`),
);
const page = fc
  .tuple(
    fc.constantFrom("", "> ", "- ", "# ", "1. ", "text ", "`", "\\"),
    link,
    fc.constantFrom("", " end", "`", "\n\n> b"),
  )
  .map((parts) => parts.join(""));

it("a link that misleads whoever reads the page as remark shows it is told, and so is an image from elsewhere", () => {
  fc.assert(
    fc.property(page, (written) => {
      const kinds = new Set(findFlags(written, "markdown").map(({ kind }) => kind));
      for (const { isImage, text: shown, url } of linksOf(written)) {
        // An address that stands for itself shows where it leads.
        const isAddress = [shown, `mailto:${shown}`, `http://${shown}`].includes(url);
        if (!isImage && !isAddress && misleads(shown, url))
          expect(kinds, `${shown} → ${url}`).toContain("link-mismatch");
        if (isImage && /^(?:[a-z]+:|\/\/)/i.test(url)) expect(kinds, url).toContain("hidden-html");
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 2000) },
  );
});
