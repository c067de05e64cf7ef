import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Network } from "@longwave/server";
import { cleanEnvironment, longwave } from "../packages/cli/src/spawned.ts";
import { startQuietly } from "./demo-network.ts";
import { subscribe } from "./inbox.ts";
import type { Json } from "./pubnub-client.ts";

let network: Network;
beforeAll(async () => {
  network = await startQuietly();
});
afterAll(() => network.stop());

const COMMITS_MAX = 300;
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The repository's own history, newest first, a line of JSON each; nothing where there is none. */
function history(): readonly string[] {
  const argv = ["git", "log", `--max-count=${COMMITS_MAX}`, '--format={"commit":"%H","at":%ct}'];
  try {
    const { stdout, exitCode } = Bun.spawnSync(argv, { cwd: ROOT, env: cleanEnvironment(), stderr: "ignore" });
    return exitCode === 0 ? stdout.toString().trim().split("\n").filter(Boolean) : [];
  } catch {
    return []; // no git
  }
}

const made = Array.from({ length: 200 }, (_, index) => {
  const commit = createHash("sha1").update(`commit ${index}`).digest("hex");
  return JSON.stringify({ commit, at: 1_760_000_000 - index * 977 });
});

/** What a client receives of lines that the command publishes. */
async function received(channel: string, lines: readonly string[]): Promise<readonly Json[]> {
  using inbox = await subscribe(network.url, { channels: [channel] });
  await using command = longwave(["publish", "--channel", channel, "--origin", network.url], `${lines.join("\n")}\n`);
  const code = await command.ended;
  if (code !== 0) throw new Error(`exit code ${code}: ${command.err()}`);
  return await inbox.settled(lines.length);
}

const parsed = (lines: readonly string[]): readonly Json[] => lines.map((line) => JSON.parse(line) as Json);

test("[IOP12] 200 lines through longwave publish arrive equal and in order", async () => {
  expect(await received("commits", made)).toEqual(parsed(made));
});

const commits = history();

test.skipIf(commits.length === 0)("[IOP12] the repository's own git log, where there is one", async () => {
  expect(await received("git-log", commits)).toEqual(parsed(commits));
});
