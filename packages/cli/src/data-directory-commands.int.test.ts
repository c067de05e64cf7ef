import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type SpawnedNetwork, longwave, startSpawned, temporaryDirectory } from "./spawned.ts";

const PUBLISHED = Array.from({ length: 40 }, (_, at) => `{"n":1234567890123456789${at},"e":1.0}`);
let home: ReturnType<typeof temporaryDirectory>;
let data: string;
let network: SpawnedNetwork;
let actionToken: string;
beforeAll(async () => {
  home = temporaryDirectory();
  data = join(home.path, "data");
  network = await startSpawned(["--data-dir", data, "--port", "0"]);
  for (const payload of PUBLISHED) await publish("room", payload);
  const timetoken = await publish("a:b|c", '"with an action"');
  const url = `${network.url}/v1/message-actions/demo/channel/a%3Ab%7Cc/message/${timetoken}?uuid=bob`;
  const added = await fetch(url, { method: "POST", body: '{"type":"reaction","value":"smile"}' });
  actionToken = ((await added.json()) as { data: { actionTimetoken: string } }).data.actionTimetoken;
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

async function publish(channel: string, payload: string): Promise<string> {
  const path = `${encodeURIComponent(channel)}/0/${encodeURIComponent(payload)}`;
  return ((await (await fetch(`${network.url}/publish/demo/demo/0/${path}`)).json()) as [number, string, string])[2];
}

async function run(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const command = longwave(argv);
  const code = await command.ended;
  return { code, out: command.out(), err: command.err().trimEnd() };
}

test("longwave history --actions [CLI56] prints the actions of messages, page by page", async () => {
  const shown = await run("history", "-c", "a:b|c", "--actions", "--origin", network.url);
  expect(shown.out).toContain(
    `"message":"with an action","actions":{"reaction":{"smile":[{"uuid":"bob","actionTimetoken":"${actionToken}"}]}}}\n`,
  );
  const all = await run("history", "-c", "room", "--actions", "--payload", "--origin", network.url);
  expect(all.out).toBe(PUBLISHED.map((payload) => `${payload}\n`).join("")); // more than a page of them
});

test("longwave check [CLI50 CLI51] prints lines of name, tab and value beside a running server", async () => {
  const { code, out, err } = await run("check", "--data-dir", data);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const found = new Map(out.split("\n").map((line) => line.split("\t") as [string, string]));
  expect(found.get("in use")).toBe("by a running server");
  expect(found.get("messages")).toBe("41");
  expect(found.get("result")).toBe("sound");
});

test("longwave backup [CLI52 CLI51 OPS23] copies beside a running server; the copy passes the check and starts", async () => {
  const copy = join(home.path, "copy");
  const made = await run("backup", copy, "--data-dir", data);
  expect(made).toEqual({
    code: 0,
    out: `${copy}\n`,
    err: expect.stringMatching(
      /^\d+\.\d KiB copied in \d+\.\d s\. The master key is not in it: keep that elsewhere too\.$/,
    ),
  });
  expect((await run("check", "--data-dir", copy)).code).toBe(0);
  await using copied = await startSpawned([
    "--data-dir",
    copy,
    "--master-key-file",
    `${data}.master-key`,
    "--port",
    "0",
  ]);
  const shown = await run("history", "-c", "room", "--payload", "--origin", copied.url);
  expect(shown.out).toBe(PUBLISHED.map((payload) => `${payload}\n`).join(""));
});

test("longwave check [CLI50] is 1 on a damaged directory, and the start refuses it in a sentence", async () => {
  const copy = join(home.path, "damaged");
  await run("backup", copy, "--data-dir", data);
  const file = join(copy, "longwave.db");
  writeFileSync(file, readFileSync(file).subarray(0, 20_000));
  const { code, out } = await run("check", "--data-dir", copy);
  expect(code).toBe(1);
  expect(out).toMatch(/^problem\tThe database is cut short: .* has 20000 bytes of the \d+ that it should have\.$/m);
  expect(out).toMatch(/^result\tdamaged$/m);
  const started = await run("start", "--data-dir", copy, "--port", "0");
  expect(started.code).toBe(1);
  expect(started.err).toMatch(
    /^The database of the data directory \S+ is damaged: [^\n]* Run `longwave check` [^\n]*$/,
  );
});

test("longwave export and import [CLI53 CLI54 CLI51 OPS28] carry every byte to another directory, and go on where they were", async () => {
  const [file, other] = [join(home.path, "all.jsonl"), join(home.path, "other")];
  const made = await run("export", "--keyset", "demo", "--data-dir", data, "--out", file);
  expect(made).toEqual({
    code: 0,
    out: "",
    err: expect.stringMatching(/^41 messages exported in \d+\.\d s\. Done\.$/),
  });
  const whole = readFileSync(file, "utf8");
  expect(whole).toContain(`"message":${PUBLISHED[7] ?? ""}`);
  for (const bytes of [0, 5, 300, 3_000, whole.length]) {
    writeFileSync(file, whole.slice(0, bytes));
    expect((await run("export", "--keyset", "demo", "--data-dir", data, "-o", file)).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(whole);
  }
  expect(await run("import", file, "--data-dir", other)).toEqual({
    code: 0,
    out: "",
    err: expect.stringMatching(/^41 imported, 0 there already, in \d+\.\d s\.$/),
  });
  expect((await run("import", file, "--data-dir", other)).err).toMatch(/^0 imported, 41 there already, /);
  expect((await run("export", "--keyset", "demo", "--data-dir", other)).out).toBe(whole);
  const one = await run("export", "--channel", "room", "--data-dir", other);
  expect(one.out.split("\n")).toHaveLength(PUBLISHED.length + 1);
});

test("longwave import - [CLI54] names the lines that cannot be used, and takes the others", async () => {
  const input = '{"channel":"a","timetoken":"17326051234567890","message":1}\n\nx\n{"channel":"a"}\n';
  const command = longwave(["import", "-", "--data-dir", join(home.path, "lines")], input);
  expect(await command.ended).toBe(1);
  expect(command.err()).toMatch(
    /^Line 3: it is not JSON\.\nLine 4: it has no timetoken\.\n1 imported, 0 there already, 2 unusable, in /,
  );
});

const REFUSED: Readonly<Record<string, readonly [argv: readonly string[], code: number, sentence: RegExp]>> = {
  "check where there is nothing": [["check", "--data-dir", "{home}/none"], 1, /^There is no Longwave data in /],
  "check with a word": [["check", "there"], 2, /^"there" is no option\. The directory needs --data-dir\.$/],
  "backup without a place": [["backup"], 2, /^Name one directory that the copy goes to/],
  "backup to what exists": [["backup", "{home}/data", "--data-dir", "{home}/data"], 1, /exists already/],
  "export of nothing": [["export"], 2, /^Name what to export with --channel NAME or --keyset KEY\.$/],
  "export behind something else": [
    ["export", "--keyset", "demo", "--data-dir", "{home}/data", "--out", "{home}/foreign"],
    1,
    /foreign is no export that could be gone on with\. Name another file with --out\.$/,
  ],
  "export behind another channel": [
    ["export", "--channel", "b", "--data-dir", "{home}/data", "--out", "{home}/of-a"],
    1,
    /of-a is an export of something else: it ends with a\.$/,
  ],
  "import of a file that is not there": [["import", "{home}/none"], 1, /^There is no file \S+none\.$/],
  "import into a directory in use": [
    ["import", "{home}/of-a", "--data-dir", "{home}/data"],
    1,
    /^Another Longwave server/,
  ],
};
for (const [what, [argv, code, sentence]] of Object.entries(REFUSED)) {
  test(`longwave ${what} [CLI53 CLI55] is refused in a sentence`, async () => {
    const files = {
      foreign: "hello\nworld\n",
      "of-a": '{"channel":"a","timetoken":"17326051234567890","message":1}\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home.path, name), text);
    const before = readdirSync(home.path);
    const refused = await run(...argv.map((word) => word.replace("{home}", home.path)));
    expect({ code: refused.code, out: refused.out }).toEqual({ code, out: "" });
    expect(refused.err).toMatch(sentence);
    for (const [name, text] of Object.entries(files)) expect(readFileSync(join(home.path, name), "utf8")).toBe(text);
    expect(readdirSync(home.path)).toEqual(before);
    expect(existsSync(join(home.path, "none"))).toBe(false);
  });
}
