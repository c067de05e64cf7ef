import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { count, randomFrom, seed } from "../../../tools/counts.ts";
import { cleanEnvironment, temporaryDirectory } from "./spawned.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const ROUNDS = count({ quick: 2, full: 100 });
const DELETED = 3_500; // several transactions
const KEPT = 5;

interface Running {
  readonly url: string;
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

/** The network itself, without a launcher between, which could not be killed with it. */
async function start(dataDir: string): Promise<Running> {
  const argv = [process.execPath, MAIN, "start", "--log-level", "error", "--port", "0", "--data-dir", dataDir];
  const child = Bun.spawn(argv, { stdout: "pipe", stderr: "ignore", env: cleanEnvironment() });
  const decoder = new TextDecoder();
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true });
    if (/^longwave ready \S+$/m.test(printed)) break;
  }
  const [, url = ""] = /^longwave ready (\S+)$/m.exec(printed) ?? [];
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await child.exited;
  };
  return { url, end };
}

async function publish(url: string, channel: string, messages: number): Promise<void> {
  for (let sent = 0; sent < messages; sent += 250) {
    const batch = Array.from({ length: Math.min(250, messages - sent) }, async () => {
      const response = await fetch(`${url}/publish/demo/demo/0/${channel}/0/1`);
      expect(response.status).toBe(200);
    });
    await Promise.all(batch);
  }
}

async function counts(url: string): Promise<{ readonly room: number; readonly other: number }> {
  const response = await fetch(`${url}/v3/history/sub-key/demo/message-counts/room,other?timetoken=0`);
  return ((await response.json()) as { channels: { room: number; other: number } }).channels;
}

async function remove(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/v3/history/sub-key/demo/channel/room`, { method: "DELETE" })).ok;
  } catch {
    return false; // nobody was left to acknowledge it
  }
}

test("[HIS18 STO14] killed during a deletion: nothing acknowledged as deleted comes back, and nothing else goes", async () => {
  const random = randomFrom(seed());
  for (let round = 0; round < ROUNDS; round++) {
    using directory = temporaryDirectory();
    const killed = await start(directory.path);
    await publish(killed.url, "room", DELETED);
    await publish(killed.url, "other", KEPT);
    const removing = remove(killed.url);
    await Bun.sleep(random() * 40);
    await killed.end("SIGKILL");
    const isAcknowledged = await removing;
    const network = await start(directory.path);
    const { room, other } = await counts(network.url);
    expect(other).toBe(KEPT);
    expect(room).toBeWithin(0, isAcknowledged ? 1 : DELETED + 1);
    expect(await remove(network.url)).toBe(true);
    expect(await counts(network.url)).toEqual({ room: 0, other: KEPT });
    await network.end("SIGTERM");
    const database = new Database(join(directory.path, "longwave.db"), { readonly: true });
    const rows = database.query(
      "SELECT (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM body) AS bodies",
    );
    expect(rows.get()).toEqual({ messages: KEPT, bodies: KEPT });
    database.close();
  }
}, 600_000);
