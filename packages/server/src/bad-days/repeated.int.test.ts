import { expect, test } from "bun:test";
import { count, randomFrom, seed } from "../../../../tools/counts.ts";
import { Follower } from "./follower.ts";
import { openConnections } from "./raw-request.ts";
import { type ServerProcess, startServer, startServerSomewhere, temporaryDirectory } from "./server-process.ts";

const ROUNDS = count({ quick: 2, full: 100 });
const PUBLISHES = count({ quick: 100, full: 500 });
const REPEATS = 3;
const SEED = seed();

/** A message by its number, and the timetoken that acknowledged it. */
type Sent = ReadonlyMap<number, string>;

test(`[IDM7 IDM4] killed amid repeated publishes, ${ROUNDS} times: each message once in history and under one timetoken (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  using directory = temporaryDirectory();
  await using servers = new AsyncDisposableStack();
  let server = servers.use(await startServerSomewhere({ dataDir: directory.path }));
  const { url, port } = server;
  await using follower = new Follower(url, "room");
  await follower.ready;
  const acknowledged = new Map<number, string>();

  for (let round = 0; round < ROUNDS; round++) {
    const numbers = Array.from({ length: PUBLISHES }, (_, at) => round * PUBLISHES + at);
    const before = await floodAndKill(server, numbers, 1 + Math.trunc(random() * PUBLISHES * REPEATS * 0.8));
    server = servers.use(await startServer({ dataDir: directory.path, port }));
    // Everybody who lost an answer sends again, and so do those who had one.
    const after = await flood(url, numbers, () => {});
    expect(after.size).toBe(PUBLISHES);
    for (const [number, timetoken] of before) expect([number, after.get(number)]).toEqual([number, timetoken]);
    for (const [number, timetoken] of after) acknowledged.set(number, timetoken);
  }

  expect(new Set(acknowledged.values()).size).toBe(ROUNDS * PUBLISHES);
  expect(await historyOf(url)).toEqual([...acknowledged].toSorted(([, one], [, other]) => (one < other ? -1 : 1)));
  await follower.until(ROUNDS * PUBLISHES - 1);
  // What was acknowledged was delivered under its timetoken, once. What died before its commit may have been seen too.
  const delivered = follower.received.map(({ payload, timetoken }) => `${String(payload)} ${timetoken}`);
  expect(new Set(delivered).size).toBe(delivered.length);
}, 600_000);

/** Sends every message {@link REPEATS} times at once. @returns what was acknowledged; no two answers to one differ. */
async function flood(url: string, numbers: readonly number[], onAcknowledged: (count: number) => void): Promise<Sent> {
  const requests = numbers.flatMap((number) => Array<number>(REPEATS).fill(number));
  const connections = await openConnections(url, requests.length);
  const sent = new Map<number, string>();
  let answers = 0;
  await Promise.all(
    requests.map(async (number, at) => {
      const answer = await connections[at]?.get(`/publish/demo/demo/0/room/0/${number}?lw_id=id-${number}`);
      connections[at]?.close();
      if (!answer) return;
      const [, timetoken = answer.body] = /^\[1,"Sent","(\d{17})"\]$/.exec(answer.body) ?? [];
      expect([number, sent.get(number) ?? timetoken]).toEqual([number, timetoken]);
      sent.set(number, timetoken);
      onAcknowledged((answers += 1));
    }),
  );
  return sent;
}

async function floodAndKill(server: ServerProcess, numbers: readonly number[], killAt: number): Promise<Sent> {
  let killed: Promise<number> | undefined;
  const sent = await flood(server.url, numbers, (answers) => {
    if (answers >= killAt) killed ??= server.end("SIGKILL");
  });
  await killed;
  return sent;
}

/** All that a channel keeps, oldest first: each message's number and timetoken. */
async function historyOf(url: string): Promise<readonly (readonly [number: number, timetoken: string])[]> {
  const found: (readonly [number, string])[] = [];
  for (;;) {
    const start = found[0]?.[1] ?? "";
    const response = await fetch(`${url}/v3/history/sub-key/demo/channel/room?max=100&start=${start}`);
    const { channels } = (await response.json()) as HistoryAnswer;
    const page = (channels["room"] ?? []).map(({ message, timetoken }) => [message, timetoken] as const);
    if (page.length === 0) return found;
    found.unshift(...page);
  }
}

interface HistoryAnswer {
  readonly channels: Readonly<Record<string, readonly { readonly message: number; readonly timetoken: string }[]>>;
}
