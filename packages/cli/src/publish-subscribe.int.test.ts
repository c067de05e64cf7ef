import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { count } from "../../../tools/counts.ts";
import {
  LONGWAVE,
  type SpawnedNetwork,
  cleanEnvironment,
  longwave,
  startSpawned,
  temporaryDirectory,
} from "./spawned.ts";

let network: SpawnedNetwork;
beforeAll(async () => {
  network = await startSpawned(["--memory", "--port", "0"]);
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
});

const at = (): readonly string[] => ["--origin", network.url];

/** `longwave subscribe`, connected. */
async function subscribed(...argv: readonly string[]): Promise<ReturnType<typeof longwave>> {
  const subscriber = longwave(["subscribe", ...at(), ...argv]);
  await subscriber.errMatch(/^Connected to /m);
  return subscriber;
}

async function publish(input: string, ...argv: readonly string[]): Promise<ReturnType<typeof longwave>> {
  const publisher = longwave(["publish", ...at(), ...argv], input);
  await publisher.ended;
  return publisher;
}

test("longwave publish TEXT [CLI6 CLI12] arrives as JSON or as a string, and prints its timetoken", async () => {
  await using subscriber = await subscribed("-c", "texts.*", "--count", "3");
  const first = await publish("", "-c", "texts.a", "hello you", "--uuid", "me");
  expect(await first.ended).toBe(0);
  expect(first.out()).toMatch(/^\d{17}\n$/);
  await publish("", "-c", "texts.b", "12345678901234567890", "--meta", '{"x": 1.0}', "--custom-message-type", "number");
  await publish("", "-c", "texts.c", "--text", "5", "--no-store");
  expect(await subscriber.ended).toBe(0);
  const tail = (line: string): string => line.replace(/"timetoken":"\d{17}",/, "");
  expect(subscriber.out().trimEnd().split("\n").map(tail)).toEqual([
    '{"channel":"texts.a","kind":"message","publisher":"me","subscription":"texts.*","message":"hello you"}',
    '{"channel":"texts.b","kind":"message","publisher":"longwave-cli","subscription":"texts.*",' +
      '"customMessageType":"number","message":12345678901234567890,"meta":{"x":1.0}}',
    '{"channel":"texts.c","kind":"message","publisher":"longwave-cli","subscription":"texts.*","message":"5"}',
  ]);
  expect(subscriber.out()).toContain(`"timetoken":"${first.out().trim()}"`);
});

const raw = String.raw;
const AWKWARD: readonly string[] = [
  "12345678901234567890",
  "-0.10e+400",
  '{"z":1,"a":2,"z":3}',
  raw`"\u00e9\u2028\/ \ud83d\ude00 \u0000"`,
  '"é   😀"', // not in a raw template, in which the runtime escapes such characters
  '{"d":{"t":{"t":"1","r":1},"m":[]},"}":"]"}',
  raw`"\\\"}]{[\\"`,
  `${"[".repeat(120)}1${"]".repeat(120)}`,
  `"${"x".repeat(100_000)}"`,
  "null",
  '""',
];

test("[CLI7 CLI13] awkward payloads come out as they went in, digit for digit", async () => {
  const input = `${AWKWARD.join("\n")}\n`;
  await using subscriber = await subscribed("-c", "awkward", "--payload", "--count", String(AWKWARD.length));
  const publisher = await publish(input, "-c", "awkward");
  expect(publisher.err()).toMatch(/^\d+ published, 0 errors/);
  expect(await publisher.ended).toBe(0);
  expect(await subscriber.ended).toBe(0);
  expect(subscriber.out()).toBe(input);
});

test("[CLI9 CLI11] bad lines are named, the others arrive, and the exit code is 1", async () => {
  await using subscriber = await subscribed("-c", "bad", "--payload", "--count", "2");
  const publisher = await publish(`1\nnope\n"${"x".repeat(3_000_000)}"\n4`, "-c", "bad");
  expect(await publisher.ended).toBe(1);
  expect(publisher.out()).toBe("");
  const [second, third, summary] = publisher.err().split("\n");
  expect(second).toStartWith("Line 2 is not JSON");
  expect(third).toStartWith("Line 3: The network refused: Request Entity Too Large (HTTP 413).");
  expect(summary).toMatch(/^2 published, 2 errors, \d+\/s$/);
  expect(await subscriber.ended).toBe(0);
  expect(subscriber.out()).toBe("1\n4\n");
});

test("[CLI5 CLI9] a refused key and an absent network end with sentences", async () => {
  const refused = await publish("1\n2\n", "-c", "a", "--publish-key", "wrong");
  expect(await refused.ended).toBe(1);
  expect(refused.err()).toMatch(/Invalid Key \(HTTP 400\)\. Check --publish-key .* Line 1 and those after it/);
  const nowhere = ["--origin", "http://127.0.0.1:1"];
  await using publisher = longwave(["publish", "-c", "a", "1", ...nowhere]);
  await using subscriber = longwave(["subscribe", "-c", "a", ...nowhere]);
  for (const command of [publisher, subscriber]) {
    expect(await command.ended).toBe(1);
    expect(command.err()).toMatch(/^Nothing listens at http:\/\/127\.0\.0\.1:1\. Start a network with `npm start`/);
  }
});

test("[CLI1] the origin may come from the environment", async () => {
  await using publisher = longwave(["publish", "-c", "a", "1"], "", { LONGWAVE_ORIGIN: network.url });
  expect(await publisher.ended).toBe(0);
});

test("longwave subscribe [CLI14] begins where it is told, and ends after exactly as many messages", async () => {
  const first = (await publish("", "-c", "since", "0")).out().trim();
  await publish(Array.from({ length: 250 }, (_, number) => number + 1).join("\n"), "-c", "since");
  await using some = longwave(["subscribe", ...at(), "-c", "since", "--since", first, "--count", "130", "--payload"]);
  expect(await some.ended).toBe(0);
  expect(some.out().trimEnd().split("\n")).toEqual(Array.from({ length: 130 }, (_, number) => String(number + 1)));
  await using all = longwave(["subscribe", ...at(), "-c", "since", "--since", "0", "--count", "1", "--payload"]);
  expect(await all.ended).toBe(0);
  expect(all.out()).toBe("0\n");
});

const ENDINGS: Readonly<Record<string, readonly [readonly string[], number]>> = {
  "without --count": [[], 0],
  "before --count is reached": [["--count", "2"], 130],
};
for (const [what, [argv, code]] of Object.entries(ENDINGS)) {
  test(`longwave subscribe [CLI17] ends with ${code} at Ctrl-C ${what}`, async () => {
    await using subscriber = await subscribed("-c", "ending", ...argv);
    await publish("", "-c", "ending", "1");
    await subscriber.outMatch(/\n/);
    subscriber.kill("SIGINT");
    expect(await subscriber.ended).toBe(code);
  });
}

test("longwave subscribe [CLI17] ends with 0 when its reader goes away", async () => {
  await using subscriber = await subscribed("-c", "reader");
  subscriber.closeOut();
  await publish("1\n2\n3", "-c", "reader");
  expect(await subscriber.ended).toBe(0);
});

test("longwave publish [CLI17] ends with 130 at Ctrl-C while it waits for more", async () => {
  const command = Bun.spawn(["node", LONGWAVE, "publish", ...at(), "-c", "waiting"], {
    stdin: "pipe",
    stderr: "pipe",
    env: cleanEnvironment(),
  });
  void command.stdin.write("1\n2");
  await command.stdin.flush();
  await Bun.sleep(500);
  command.kill("SIGINT");
  expect(await command.exited).toBe(130);
  expect(await new Response(command.stderr).text()).toMatch(/^1 published, 0 errors/);
});

test("[CLI10 CLI16] publisher and subscriber outlive a restart of the network, in order and without a gap", async () => {
  using directory = temporaryDirectory();
  const options = ["--data-dir", directory.path, "--drain-seconds", "0"];
  const first = await startSpawned(["--port", "0", ...options]);
  const origin = ["--origin", first.url, "-c", "restart"];
  await using subscriber = longwave(["subscribe", ...origin, "--count", "200", "--payload"]);
  await subscriber.errMatch(/^Connected to /m);
  const publisher = Bun.spawn(["node", LONGWAVE, "publish", ...origin], {
    stdin: "pipe",
    stderr: "pipe",
    env: cleanEnvironment(),
  });
  const numbers = Array.from({ length: 200 }, (_, number) => String(number));
  void publisher.stdin.write(`${numbers.slice(0, 100).join("\n")}\n`);
  await publisher.stdin.flush();
  await subscriber.outMatch(/^99$/m);
  first.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  void publisher.stdin.write(`${numbers.slice(100).join("\n")}\n`);
  await publisher.stdin.end();
  await Bun.sleep(300);
  await using second = await startSpawned(["--port", new URL(first.url).port, ...options]);
  expect(await publisher.exited).toBe(0);
  expect(await subscriber.ended).toBe(0);
  expect(subscriber.out().trimEnd().split("\n")).toEqual(numbers);
  expect(subscriber.err()).toContain(`Connected again to ${second.url}`);
});

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Makes a repository of 300 commits in no time. */
async function makeHistory(directory: string): Promise<void> {
  const commits = Array.from({ length: 300 }, (_, number) => {
    const when = `Anna <anna@example.org> ${1_700_000_000 + number} +0000`;
    return `commit refs/heads/main\ncommitter ${when}\ndata <<END\nChange ${number}\nEND\n`;
  });
  await run(["git", "init", "--quiet", directory]);
  await run(["git", "-C", directory, "fast-import", "--quiet"], `${commits.join("\n")}\n`);
}

async function run(command: readonly string[], input = ""): Promise<string> {
  const child = Bun.spawn([...command], {
    stdin: new TextEncoder().encode(input),
    stderr: "pipe",
    env: cleanEnvironment(),
  });
  const [text, complaint] = await Promise.all(
    [child.stdout, child.stderr].map((stream) => new Response(stream).text()),
  );
  if ((await child.exited) !== 0) throw new Error(`${command[0] ?? ""} ended with ${child.exitCode}: ${complaint}`);
  return text ?? "";
}

/** Pipes a history through the network, as a person would, and compares what comes out with what went in. */
async function carry(directory: string, branch: string, channel: string): Promise<void> {
  const commitsMax = count({ quick: 500, full: 20_000 });
  const log = `git -C '${directory}' log -n ${commitsMax} --format='{"commit":"%H","at":%ct}' ${branch}`;
  const history = await run(["sh", "-c", log]);
  const commits = history.split("\n").length - 1;
  expect(commits).toBeGreaterThan(0);
  await using subscriber = await subscribed("--payload", "--count", String(commits), "-c", channel);
  await run(["sh", "-c", `${log} | node '${LONGWAVE}' publish --origin '${network.url}' -c ${channel} -`]);
  expect(await subscriber.ended).toBe(0);
  expect(subscriber.out()).toBe(history);
}

test("[CLI7 CLI8 CLI13] a git history of 300 commits arrives byte for byte, in order", async () => {
  using directory = temporaryDirectory();
  await makeHistory(directory.path);
  await carry(directory.path, "main", "commits");
});

// Others may commit while the test runs.
async function headOf(directory: string): Promise<string> {
  return (await run(["git", "-C", directory, "rev-parse", "HEAD"])).trim();
}

test.skipIf(!existsSync(`${ROOT}.git`))("[CLI7 CLI8 CLI13] so does this repository's own history", async () => {
  await carry(ROOT, await headOf(ROOT), "own-commits");
});
