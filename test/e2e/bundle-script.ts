/**
 * Makes one file, which plain Node.js runs, of a TypeScript file of ours and all that it imports. `folder` is what
 * `import.meta.dirname` says in there; unless told it is where the file lies when it runs.
 */
export async function bundleScript(entry: string, target: string, folder?: string): Promise<void> {
  // Loaded here, as the tests of the hosts without containers run without it.
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    input: entry,
    platform: "node",
    external: ["rolldown"],
    ...(folder === undefined
      ? {}
      : { transform: { define: { "import.meta.dirname": JSON.stringify(folder) } } }),
  });
  await bundle.write({ file: target, format: "esm", codeSplitting: false });
  await bundle.close();
}
