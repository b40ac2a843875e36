import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { version } = JSON.parse(await readFile(new URL("./package.json", import.meta.url), "utf8"));

/** Makes the shop's server. Visits are counted in a file in `dataDir`, so that a new version goes on counting. */
export async function createShop({ greeting, dataDir }) {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, "visits.json");
  let { visits } = await readVisits(file);
  let saved = Promise.resolve();

  async function countVisit() {
    visits += 1;
    const text = `${JSON.stringify({ visits })}\n`;
    // One write after the other, each complete before it takes the file's name.
    saved = saved.then(async () => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    });
    await saved;
    return visits;
  }

  return createServer(async (request, response) => {
    try {
      const { pathname } = new URL(request.url, "http://shop");
      if (request.method !== "GET" && request.method !== "HEAD") {
        send(response, 405, "text/plain", "only GET\n");
      } else if (pathname === "/healthz") {
        send(response, 200, "application/json", `${JSON.stringify({ status: "ok", version })}\n`);
      } else if (pathname === "/") {
        send(response, 200, "text/html", renderPage(greeting, await countVisit()));
      } else {
        send(response, 404, "text/plain", "not found\n");
      }
    } catch (error) {
      console.error(error);
      send(response, 500, "text/plain", "something went wrong\n");
    }
  });
}

async function readVisits(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return { visits: 0 };
    throw error;
  }
}

function send(response, status, type, body) {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" });
  response.end(body);
}

function renderPage(greeting, visits) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>shop</title>
<h1>${escapeHtml(greeting)}</h1>
<p>You are visit number ${visits}.</p>
<p><small>shop ${version}</small></p>
</html>
`;
}

function escapeHtml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

async function main() {
  const { PORT = "3000", HOST, GREETING = "Welcome to the shop", DATA_DIR = "./data" } = process.env;
  const server = await createShop({ greeting: GREETING, dataDir: DATA_DIR });
  server.listen(Number(PORT), HOST, () => console.log(`shop ${version} listens on port ${server.address().port}`));
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.once(signal, () => {
      console.log(`${signal}: finishing the requests that are under way`);
      server.close(() => process.exit(0));
      server.closeIdleConnections();
    });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
