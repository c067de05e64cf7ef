import { expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { longwave, startSpawned, temporaryDirectory } from "./spawned.ts";

const IN_MEMORY = ["--memory", "--port", "0"];

test("longwave start [CLI2] prints a banner whose lines work, and then the line that programs wait for", async () => {
  await using network = await startSpawned(IN_MEMORY);
  expect(network.out().trimEnd().split("\n").at(-1)).toBe(`longwave ready ${network.url}`);
  expect(network.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const [subscribe = "", publish = ""] = [...network.out().matchAll(/curl '([^']*)'/g)].map(([, url = ""]) => url);
  expect(await (await fetch(publish)).json()).toEqual([1, "Sent", expect.stringMatching(/^\d{17}$/)]);
  expect(await (await fetch(subscribe)).json()).toMatchObject({ m: [{ c: "hello", d: "hi" }] });
  expect(network.out()).not.toContain("\u001b");
});

const DRAINING = [...IN_MEMORY, "--drain-seconds", "60"];

// Held polls are let go one every 50 ms, so as many of them say how long a drain takes.
async function hold(url: string, polls: number): Promise<readonly Promise<string | undefined>[]> {
  const held = Array.from({ length: polls }, async () => {
    const response = await fetch(`${url}/v2/subscribe/demo/a/0?tt=99999999999999999`).catch(() => undefined);
    return response?.text().catch(() => undefined);
  });
  await Bun.sleep(300);
  return held;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`longwave start [CLI3] drains at ${signal}, and takes what follows at once for the same key press`, async () => {
    await using network = await startSpawned(DRAINING);
    const polls = await hold(network.url, 20);
    network.kill(signal);
    await Bun.sleep(100);
    network.kill(signal);
    expect(await network.ended).toBe(0);
    const empty = '{"t":{"t":"99999999999999999","r":12},"m":[]}';
    expect(await Promise.all(polls)).toEqual(polls.map(() => empty));
  });
}

test("longwave start [CLI3] ends at once at a second signal", async () => {
  await using network = await startSpawned(DRAINING);
  const polls = await hold(network.url, 200);
  network.kill("SIGTERM");
  await Bun.sleep(700);
  const secondMs = performance.now();
  network.kill("SIGTERM");
  expect(await network.ended).toBe(130);
  expect(performance.now() - secondMs).toBeLessThan(2_000);
  await Promise.all(polls);
});

test("longwave start [CLI4] warns about demo keys that others reach", async () => {
  await using open = await startSpawned([...IN_MEMORY, "--host", "0.0.0.0"]);
  await open.errMatch(/^Warning: .* --no-demo-keys leaves them out\.$/m);
  await using shut = await startSpawned([...IN_MEMORY, "--host", "0.0.0.0", "--no-demo-keys"]);
  shut.kill("SIGTERM");
  expect(await shut.ended).toBe(0);
  expect(shut.err()).not.toContain("Warning");
});

test("longwave start [CLI2] keeps everything in the data directory", async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "below", "data");
  await using network = await startSpawned(["--port", "0", "--data-dir", path]);
  expect(network.out()).toContain(path);
  expect(existsSync(path)).toBe(true);
});

test("longwave start [CLI5] says in a sentence why it cannot start", async () => {
  using directory = temporaryDirectory();
  await using network = await startSpawned(IN_MEMORY);
  await using second = longwave(["start", "--memory", "--port", new URL(network.url).port]);
  expect(await second.ended).toBe(1);
  expect(second.err()).toMatch(/^Port \d+ of 127\.0\.0\.1 is in use\. .*--port\.\n$/);
  const file = join(directory.path, "file");
  writeFileSync(file, "");
  await using unusable = longwave(["start", "--port", "0", "--data-dir", file]);
  expect(await unusable.ended).toBe(1);
  expect(unusable.err()).toMatch(/^The data directory .* --data-dir\.\n$/);
});

const WRONG: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
  "an unknown command": [["strat"], /^There is no command "strat"\. Use one of start, publish, subscribe/],
  "an unknown option": [["start", "--prot", "1"], /--prot.*--help/],
  "a port out of range": [["start", "--port", "70000"], /^--port is "70000".* 0 to 65535/],
  "no channel": [["publish", "hi"], /^Name the channel with --channel NAME\./],
  "a text of several words": [["publish", "-c", "a", "hello", "you"], /put it in quotes/],
  "a text that must be JSON": [["publish", "-c", "a", "--json", "hi"], /^TEXT is not JSON/],
  "a meta that is not JSON": [["publish", "-c", "a", "--meta", "x", "1"], /^--meta is not JSON/],
  "two forms at once": [["publish", "-c", "a", "--json", "--text", "1"], /exclude each other/],
  "nothing to subscribe to": [["subscribe"], /^Name what to listen to with --channel NAME\./],
  "a channel without its flag": [["subscribe", "news"], /^"news" is no option\. Channels need --channel\./],
  "a cursor that is none": [["subscribe", "-c", "a", "--since", "now"], /^--since is "now"/],
  "an origin that is none": [["subscribe", "-c", "a", "--origin", "ftp://x"], /^--origin is "ftp:\/\/x"/],
};
for (const [what, [argv, sentence]] of Object.entries(WRONG)) {
  test(`longwave [CLI1] refuses ${what} with exit code 2`, async () => {
    await using command = longwave(argv);
    expect(await command.ended).toBe(2);
    expect(command.out()).toBe("");
    expect(command.err()).toMatch(sentence);
  });
}

for (const argv of [[], ["--help"], ["-h"], ["start", "--help"], ["publish", "-h"], ["subscribe", "--help"]]) {
  test(`longwave ${argv.join(" ")} [CLI1] prints help`, async () => {
    await using command = longwave(argv);
    expect(await command.ended).toBe(0);
    expect(command.out()).toContain("Usage: longwave ");
  });
}

test("longwave --version [CLI1] prints the version", async () => {
  await using command = longwave(["--version"]);
  expect(await command.ended).toBe(0);
  expect(command.out()).toMatch(/^\d+\.\d+\.\d+\n$/);
});
