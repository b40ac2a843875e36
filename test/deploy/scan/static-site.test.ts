import { expect, test } from "vitest";
import { scanFiles } from "./folder.ts";

const manifest = (scripts: object) => JSON.stringify({ name: "site", version: "1.0.0", scripts });

test.each<[string, Record<string, string>, string]>([
  [
    "Vite without a configuration",
    { "index.html": "", "package.json": manifest({ build: "vite build" }) },
    "dist",
  ],
  [
    "Vite with its folder as an option",
    { "index.html": "", "package.json": manifest({ build: "tsc && vite build --outDir out" }) },
    "out",
  ],
  [
    "Create React App, whose start is for developers",
    {
      "public/index.html": "",
      "package.json": manifest({ start: "react-scripts start", build: "react-scripts build" }),
    },
    "build",
  ],
  [
    "Vue CLI",
    { "public/index.html": "", "package.json": manifest({ build: "vue-cli-service build" }) },
    "dist",
  ],
  ["a page that nothing builds", { "index.html": "", "package.json": manifest({ test: "htmlhint ." }) }, "."],
])("%s is served from where it lands", async (_, files, folder) => {
  const { block } = await scanFiles(files);
  expect(block.artifacts).toEqual([{ static: folder }]);
});

test("what an unknown build makes of a page is not known", async () => {
  const files = { "index.html": "", "package.json": manifest({ build: "node make.js" }) };
  expect((await scanFiles(files)).block.artifacts).toBeUndefined();
});

test.each([
  'export default {\n  // output: "export",\n  output: "standalone",\n};\n',
  'export default { /* output: "export" */ };\n',
])("a setting in a comment sets nothing: %s", async (text) => {
  const { block } = await scanFiles({ "next.config.mjs": text, "package.json": manifest({}) });
  expect(block.artifacts).toBeUndefined();
});
