import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { count, isFull } from "../../../../tools/counts.ts";
import { DEFAULT_OPTIONS } from "../options.ts";
import { type Child, startChild } from "./child-process.ts";
import type { Order, Report } from "./network-by-hand-process.ts";
import { type OpenConnection, type RawAnswer, get, openConnections } from "./raw-request.ts";

const POLLS = count({ quick: 1_000, full: 10_000 });
const HALF = POLLS / 2;
const HOLD_MS = 280_000;
const PATIENCE_MS = 60_000;
const NOTHING = { heldPolls: 0, awaitedNames: 0 };

type Network = Child<Order, Report>;
type Relay = Child<"silence", number>;

test(`[OPS5 WIRE18] of ${POLLS} polls half fall silent: after the hold nothing is left of them, and nobody else notices`, async () => {
  await using network: Network = await startChild("network-by-hand-process.ts");
  await using relay: Relay = await startChild("silent-relay-process.ts", network.url);
  const cursor = await warmUp(network);
  const before = await network.ask({ advanceMs: 0 });
  expect(before).toMatchObject(NOTHING);

  const alive = await openConnections(network.url, HALF);
  const answers = alive.map((connection, at) => park(connection, `alive-${at}`, cursor));
  const lost = await openConnections(relay.url, HALF);
  const heard = countAnswers(lost.map((connection, at) => park(connection, `lost-${at}`, cursor)));
  await untilHeld(network, POLLS);
  await relay.ask("silence");

  expect((await network.ask({ advanceMs: HOLD_MS - 2_000 })).heldPolls).toBe(POLLS);
  expect(await network.ask({ advanceMs: 4_000 })).toMatchObject(NOTHING);
  const empty = { status: 200, body: `{"t":{"t":"${cursor}","r":12},"m":[]}` };
  expect(await Promise.all(answers)).toEqual(answers.map(() => empty));

  const next = alive.map((connection, at) => park(connection, `alive-${at}`, cursor));
  await untilHeld(network, HALF);
  await publishNews(network);
  const messages = (await Promise.all(next)).map((answer) => JSON.parse(answer?.body ?? "{}").m);
  expect(messages).toEqual(next.map(() => [expect.objectContaining({ c: "news", d: 1 })]));
  expect(heard()).toBe(0);

  for (const connection of alive) connection.close();
  if (isFull) await untilAllClosed(relay); // after the idle time, which is not the clock's but the runtime's
  const after = await network.ask({ advanceMs: 0 });
  expect(after).toMatchObject(NOTHING);
  // Few polls cost less than what two measurements differ by.
  if (isFull) expect(after.residentBytes).toBeLessThan(before.residentBytes * 1.2);
}, 180_000);

test("[WIRE18] a poll is held for 280 seconds where nobody says otherwise, and never as long as clients wait", () => {
  expect(DEFAULT_OPTIONS.holdSeconds * 1_000).toBe(HOLD_MS);
  expect(LIMITS.holdSecondsMax).toBeLessThan(310);
});

/** Has as many polls answered as will be held later, so that memory is compared with that of a network that works. */
async function warmUp(network: Network): Promise<string> {
  const cursor = await handshake(network);
  const connections = await openConnections(network.url, HALF);
  const answers = connections.map((connection, at) => park(connection, `early-${at}`, cursor));
  await untilHeld(network, HALF);
  await publishNews(network);
  await Promise.all(answers);
  for (const connection of connections) connection.close();
  return handshake(network);
}

async function handshake({ url }: Network): Promise<string> {
  const answer = await get(url, "/v2/subscribe/demo/news/0?tt=0");
  return JSON.parse(answer?.body ?? "").t.t as string;
}

async function publishNews({ url }: Network): Promise<void> {
  expect((await get(url, "/publish/demo/demo/0/news/0/1"))?.status).toBe(200);
}

function park(connection: OpenConnection, channel: string, cursor: string): Promise<RawAnswer | undefined> {
  return connection.get(`/v2/subscribe/demo/${channel},news/0?tt=${cursor}`);
}

function countAnswers(answers: readonly Promise<unknown>[]): () => number {
  let settled = 0;
  for (const answer of answers) void answer.then(() => settled++);
  return () => settled;
}

async function untilHeld(network: Network, polls: number): Promise<void> {
  await until(async () => (await network.ask({ advanceMs: 0 })).heldPolls === polls);
}

async function untilAllClosed(relay: Relay): Promise<void> {
  await until(async () => (await relay.ask("silence")) === 0);
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error(`not within ${PATIENCE_MS} ms`);
    await Bun.sleep(50);
  }
}
