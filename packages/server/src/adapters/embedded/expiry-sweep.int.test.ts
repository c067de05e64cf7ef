import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import { KEYSET, message } from "../../conformance/fixtures.ts";
import { EXPIRED_PER_TRANSACTION_MAX } from "./deletions.ts";
import { type EmbeddedStorage, openInMemory } from "./data-directory.ts";
import { ManualClock } from "./manual-clock.ts";
import { SqliteMessageStore } from "./sqlite-message-store.ts";

const MESSAGES = EXPIRED_PER_TRANSACTION_MAX * 2 + 250;

function rowsOf({ reading }: EmbeddedStorage): { messages: number; bodies: number; pages: number } {
  const number = (sql: string): number => Number(Object.values(reading.query(sql).get() as object)[0]);
  return {
    messages: number("SELECT count(*) FROM message"),
    bodies: number("SELECT count(*) FROM body"),
    pages: number("PRAGMA page_count"),
  };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
};

test("the sweep [STO16] takes what has expired, a little at a time, and its space is used again", async () => {
  const clock = new ManualClock();
  const storage = openInMemory();
  const store = new SqliteMessageStore(clock, storage.reading, storage.writer, { committed: () => {} });
  let timetoken = BigInt(clock.wallMs()) * 10_000n;
  const fill = async (): Promise<void> => {
    const messages = Array.from({ length: MESSAGES }, () => message({ timetoken: timetoken++, ttlHours: 1 }));
    await Promise.all(messages.map((one) => store.commit(one)));
  };
  await fill();
  await store.commit(message({ timetoken: timetoken++, channel: "kept" }));
  clock.advance(60_000);
  await settle();
  expect(rowsOf(storage)).toMatchObject({ messages: MESSAGES + 1, bodies: MESSAGES + 1 });
  clock.setWall(clock.wallMs() + 2 * 3_600_000);
  clock.advance(10_000);
  const left = [];
  for (let step = 0; step < 4; step++) {
    await settle();
    left.push(rowsOf(storage).messages);
    clock.advance(25);
  }
  expect(left).toEqual([751, 251, 1, 1]);
  const { bodies, pages } = rowsOf(storage);
  expect(bodies).toBe(1);
  timetoken = BigInt(clock.wallMs()) * 10_000n;
  await fill();
  expect(rowsOf(storage).pages).toBeLessThan(pages * 1.1);
  const { messages } = await store.readPage({
    keyset: KEYSET,
    channel: "kept",
    from: 0n,
    through: timetoken,
    take: "newest",
    messagesMax: 1,
    bytesMax: 1_000,
  });
  expect(messages).toHaveLength(1);
  await store.stop();
  expect(clock.pendingTimers).toBe(0);
  storage.close();
});

test("the sweep [IDM8] takes ids that are a day old, a little at a time, and leaves their messages", async () => {
  const clock = new ManualClock();
  const storage = openInMemory();
  const store = new SqliteMessageStore(clock, storage.reading, storage.writer, { committed: () => {} });
  const first = BigInt(clock.wallMs()) * 10_000n;
  const commits = Array.from({ length: MESSAGES }, (_, at) =>
    store.commit(message({ timetoken: first + BigInt(at) }), { id: String(at), digest: "d" }),
  );
  await Promise.all(commits);
  clock.setWall(clock.wallMs() + LIMITS.idempotencyIdAgeMsMax - 10_000);
  await store.commit(message({ timetoken: first + 20_000n * 10_000n }), { id: "young", digest: "d" });
  clock.advance(10_000); // at this look the very first is a day old, and no other
  clock.setWall(clock.wallMs() + 1);
  const left = [];
  for (let step = 0; step < 4; step++) {
    await settle();
    left.push(Number(Object.values(storage.reading.query("SELECT count(*) FROM publish_id").get() as object)[0]));
    clock.advance(step === 0 ? 10_000 : 25);
  }
  expect(left).toEqual([MESSAGES, 750, 250, 1]);
  expect(rowsOf(storage)).toMatchObject({ messages: MESSAGES + 1, bodies: MESSAGES + 1 });
  await store.stop();
  storage.close();
});
