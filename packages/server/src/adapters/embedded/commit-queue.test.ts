import { expect, test } from "bun:test";
import { message } from "../../conformance/fixtures.ts";
import type { Message } from "../../ports/message.ts";
import { type Commit, CommitQueue } from "./commit-queue.ts";

const NOW = 17_326_051_234_560_000n;
const BOUNDS = { waitingMax: 100, waitingBytesMax: 1_000_000, batchMax: 10, batchBytesMax: 100_000 };
const settle = (): void => {};
const commitOf = (keyset: string, at = 0, payload = "1"): Commit => {
  return { kind: "commit", message: message({ keyset, timetoken: NOW + BigInt(at), payload }), id: undefined, settle };
};
const fill = (queue: CommitQueue, keyset: string, count: number): void => {
  for (let at = 0; at < count; at++) queue.push(commitOf(keyset, at));
};
const countsOf = (batch: readonly Commit[]): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(batch, ({ message: { keyset } }) => keyset)].map(([key, list]) => [key, list.length]),
  );
const timesOf = (list: readonly Message[]): readonly bigint[] => list.map(({ timetoken }) => timetoken - NOW);

test("[LMT11] a keyset may have as much waiting as is left for all", () => {
  const queue = new CommitQueue(BOUNDS);
  const pushAll = (keyset: string): number => {
    let count = 0;
    for (; !queue.isFullFor(keyset); count++) queue.push(commitOf(keyset));
    return count;
  };
  expect([pushAll("a"), pushAll("b"), pushAll("c"), pushAll("a")]).toEqual([50, 25, 13, 0]);
  expect([queue.size, queue.isFullFor("d")]).toEqual([88, false]);
});

test("[LMT11] so it is with bytes", () => {
  const queue = new CommitQueue({ ...BOUNDS, waitingBytesMax: 10_000 });
  while (!queue.isFullFor("a")) queue.push(commitOf("a", 0, "x".repeat(1_000)));
  expect([queue.size, queue.isFullFor("b")]).toEqual([5, false]);
});

test("[LMT11 STO2] a transaction takes of each keyset its share, in its order, and more where there is room", () => {
  const queue = new CommitQueue(BOUNDS);
  fill(queue, "flood", 40);
  fill(queue, "small", 2);
  fill(queue, "middle", 6);
  const batch = queue.takeBatch();
  expect(countsOf(batch)).toEqual({ flood: 4, small: 2, middle: 4 });
  expect(timesOf(batch.filter((one) => one.message.keyset === "flood").map((one) => one.message))).toEqual([
    0n,
    1n,
    2n,
    3n,
  ]);
  queue.written();
  expect(countsOf(queue.takeBatch())).toEqual({ flood: 8, middle: 2 });
  queue.written();
  expect(countsOf(queue.takeBatch())).toEqual({ flood: 10 });
});

test("[LMT11] of more keysets than a transaction holds each has its turn", () => {
  const queue = new CommitQueue(BOUNDS);
  for (let keyset = 0; keyset < 25; keyset++) fill(queue, String(keyset), 2);
  const seen = new Set<string>();
  for (let turn = 0; turn < 3; turn++) {
    for (const { message: one } of queue.takeBatch()) seen.add(one.keyset);
    queue.written();
  }
  expect(seen.size).toBe(25);
});

test("[STO2] a transaction is bounded in bytes, but for a first message", () => {
  const queue = new CommitQueue({ ...BOUNDS, batchBytesMax: 3_000 });
  queue.push(commitOf("a", 0, "x".repeat(9_000)));
  for (let at = 1; at < 5; at++) queue.push(commitOf("a", at, "x".repeat(1_000)));
  expect(queue.takeBatch()).toHaveLength(1);
  queue.written();
  expect(queue.takeBatch()).toHaveLength(2);
});

test("[STO14] a deletion has its turn when what waited before it has left, and holds up its own keyset alone", () => {
  const queue = new CommitQueue(BOUNDS);
  fill(queue, "a", 2);
  queue.push({ kind: "deletion", range: { keyset: "a", channel: "c", from: 0n, through: 1n }, settle });
  fill(queue, "a", 2);
  fill(queue, "b", 3);
  expect(queue.takeDeletion()).toBeUndefined();
  expect(countsOf(queue.takeBatch())).toEqual({ a: 2, b: 3 });
  expect([...queue.messagesOf("a")]).toHaveLength(4);
  queue.written();
  expect([...queue.messagesOf("a")]).toHaveLength(2);
  expect(queue.takeBatch()).toEqual([]);
  expect(queue.takeDeletion()).toBeDefined();
  expect(countsOf(queue.takeBatch())).toEqual({ a: 2 });
  queue.written();
  expect(queue.size).toBe(0);
});
