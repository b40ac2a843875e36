import { expect, test } from "vitest";
import { makeFolder, said, scanFiles } from "./folder.ts";

async function requiredOf(file: string, text: string): Promise<Record<string, boolean | undefined>> {
  const { block } = await scanFiles({ [file]: text });
  return Object.fromEntries((block.env ?? []).map(({ name, required }) => [name, required]));
}

test.each<[string, string, string, Record<string, boolean | undefined>]>([
  [
    "a property of an object",
    "a.ts",
    "new Pool({ host: process.env.DB_HOST, user: process.env.DB_USER });\n  key: process.env.API_KEY,\n",
    { DB_HOST: undefined, DB_USER: undefined, API_KEY: undefined },
  ],
  [
    "an argument before another one",
    "a.ts",
    "connect(process.env.HOST_NAME, process.env['PORT_B'], 3)",
    { HOST_NAME: undefined, PORT_B: undefined },
  ],
  [
    "Python's items of a dict",
    "a.py",
    'x = {"A": os.getenv("A_1"), "B": os.environ["B_1"], "C": os.environ.get("C_1"), }',
    { A_1: undefined, B_1: undefined, C_1: undefined },
  ],
  ["PHP's items of an array", "a.php", "'key' => env('APP_KEY'),", { APP_KEY: undefined }],
])("%s has no default because a comma follows", async (_, file, text, expected) => {
  expect(await requiredOf(file, text)).toEqual(expected);
});

test.each([
  ["a.ts", "process.env.A_1 || 3000"],
  ["a.ts", "process.env['A_1'] ?? 3000"],
  ["a.py", 'os.getenv("A_1", "x")'],
  ["a.py", 'os.environ.get("A_1") or "x"'],
  ["a.py", 'env.str("A_1", default="x")'],
  ["a.php", "env('A_1', 'x')"],
  ["a.php", "getenv('A_1') ?: 'x'"],
  ["a.php", "$_ENV['A_1'] ?? 'x'"],
  ["a.rb", "ENV.fetch('A_1', 5)"],
  ["a.rb", 'ENV.fetch("A_1") { 5 }'],
  ["a.rb", 'ENV.fetch("A_1") do'],
  ["a.rs", 'env::var("A_1").unwrap_or_else(|_| "8080".into())'],
  ["a.rs", 'env::var("A_1").unwrap_or("8080".to_owned())'],
  ["a.ex", 'System.get_env("A_1", "x")'],
])("%s: %s has a default", async (file, text) => {
  expect(await requiredOf(file, `${text}\n`)).toEqual({ A_1: false });
});

test("what a bundler sets by itself is no setting, and a variable of the same name is one", async () => {
  const text = "import.meta.env.BASE_URL; import.meta.env.MODE; import.meta.env.VITE_API\n";
  expect(await requiredOf("a.ts", text)).toEqual({ VITE_API: undefined });
  expect(await requiredOf("a.ts", "process.env.BASE_URL\n")).toEqual({ BASE_URL: undefined });
});

test("Rails' own YAML and Prisma's schema read variables too, other YAML reads none", async () => {
  const scan = await scanFiles({
    "config/database.yml":
      'production:\n  password: <%= ENV["DB_PASSWORD"] %>\n  pool: <%= ENV.fetch("POOL") { 5 } %>\n',
    "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
    "notes.yml": 'text: ENV["NOT_READ"]\n',
  });
  expect(said(scan, "env")).toEqual([
    "DB_PASSWORD: config/database.yml:2 ENV",
    "POOL: config/database.yml:3 ENV",
    "DATABASE_URL: prisma/schema.prisma:3 env()",
  ]);
});

test.each([
  ["a.ts", 'app.get("/health/", f)', "/health/"],
  ["a.py", '@app.route("/healthz/")', "/healthz/"],
  ["a.go", 'mux.HandleFunc("GET /readyz", f)', "/readyz"],
  ["shop/urls.py", 'path("healthz/", views.health),', "/healthz/"],
  ["shop/urls.py", 're_path(r"^health$", views.health),', "/health"],
])("%s: %s is asked as it is written", async (file, text, expected) => {
  const { block } = await scanFiles({ [file]: `${text}\n` });
  expect(block.health).toEqual({ path: expected });
});

test("process.env that is taken apart over several lines gives each name on its own line", async () => {
  const text = `const {
  DB_HOST, // where { the data } lies, DB_OLD
  PORT = 3000,
  "API_KEY": key,
  LOG_LEVEL: level = "info",
  /* GONE, */
} = process.env;
const other = {
  NOT_THIS,
};
const { A_1 } =
  process.env
`;
  const scan = await scanFiles({ "a.ts": text });
  expect(said(scan, "env")).toEqual([
    "DB_HOST: a.ts:2 process.env",
    "PORT: a.ts:3 process.env",
    "API_KEY: a.ts:4 process.env",
    "LOG_LEVEL: a.ts:5 process.env",
    "A_1: a.ts:11 process.env",
  ]);
  expect(scan.block.env?.map(({ name, required }) => [name, required])).toEqual([
    ["DB_HOST", undefined],
    ["PORT", false],
    ["API_KEY", undefined],
    ["LOG_LEVEL", false],
    ["A_1", undefined],
  ]);
});

test("so does what SvelteKit imports over several lines, in git too", async () => {
  const folder = makeFolder();
  folder.write("src/a.ts", 'import {\n  STRIPE_KEY,\n  DB_URL as url\n} from "$env/static/private";\n');
  folder.git("init");
  expect(said(await folder.scan(), "env")).toEqual([
    "STRIPE_KEY: src/a.ts:2 $env/static/private",
    "DB_URL: src/a.ts:3 $env/static/private",
  ]);
});

test("what stands above and belongs to something else is not taken apart", async () => {
  const text = `function f({ A_1, B_1 }) {}
const all = {
  C_1,
};
const env = process.env;
export default { D_1 } ?? process.env;
`;
  expect(await requiredOf("a.ts", text)).toEqual({});
});
