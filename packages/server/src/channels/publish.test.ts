import { expect, test } from "bun:test";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MemoryBroker } from "../adapters/embedded/memory-broker.ts";
import { KEYSET, draft, names } from "../conformance/fixtures.ts";
import type { Message } from "../ports/message.ts";
import type { CommitAtOutcome, CommitOutcome, DeleteOutcome, MessageStore, Page } from "../ports/message-store.ts";
import { type PublishOutcome, publish } from "./publish.ts";

/** A store whose disk answers when the test says so. */
class SlowStore implements MessageStore {
  readonly reservedThrough = 0n;
  readonly lostThrough = 0n;
  readonly idsThrough = 0n;
  readonly agedThrough = 0n;
  isFull = false;
  readonly journalled: Message[] = [];
  readonly committing: Message[] = [];
  readonly #commits: ((outcome: CommitOutcome) => void)[] = [];

  isOverloaded(): boolean {
    return this.isFull;
  }

  commit(message: Message): Promise<CommitOutcome> {
    this.committing.push(message);
    return new Promise((resolve) => this.#commits.push(resolve));
  }

  settle(outcome: CommitOutcome): void {
    for (const resolve of this.#commits.splice(0)) resolve(outcome);
  }

  journal(message: Message): void {
    this.journalled.push(message);
  }

  findId = async (): Promise<undefined> => undefined;
  read = async (): Promise<readonly Message[]> => [];
  commitAt = async (): Promise<CommitOutcome & CommitAtOutcome> => "committed";
  readPage = async (): Promise<Page> => ({ messages: [], isCut: false });
  countAfter = async (): Promise<number> => 0;
  deleteRange = async (): Promise<DeleteOutcome> => "deleted";
  reserve = async (): Promise<boolean> => true;
  stop = async (): Promise<void> => {};
}

function world(): { messages: SlowStore; broker: MemoryBroker; visible: () => Promise<number> } {
  const messages = new SlowStore();
  const broker = new MemoryBroker(new ManualClock(), messages);
  const visible = async (): Promise<number> =>
    (await broker.read({ keyset: KEYSET, after: 0n, names: names("room"), messagesMax: 100 })).messages.length;
  return { messages, broker, visible };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("[PUB6] a stored message is visible at once and acknowledged when it is committed", async () => {
  const { messages, broker, visible } = world();
  let acknowledged = 0;
  const sending = Promise.resolve(publish({ messages, broker }, { keyset: KEYSET, draft: draft(), isFire: false }));
  void sending.then(() => (acknowledged += 1));
  await turn();
  expect([await visible(), acknowledged]).toEqual([1, 0]);
  messages.settle("committed");
  expect(await sending).toMatchObject({ kind: "sent" });
  await broker.stop();
});

test("[PUB6] a message that the store refuses is not acknowledged", async () => {
  const { messages, broker } = world();
  const sending = publish({ messages, broker }, { keyset: KEYSET, draft: draft(), isFire: false });
  await turn();
  messages.settle("unavailable");
  expect(await sending).toEqual({ kind: "unavailable" });
  await broker.stop();
});

test("[PUB7] an unstored message is acknowledged from memory and journalled", async () => {
  const { messages, broker, visible } = world();
  const command = { keyset: KEYSET, draft: draft({ stored: false }), isFire: false };
  expect(await publish({ messages, broker }, command)).toMatchObject({ kind: "sent" });
  expect([await visible(), messages.journalled.length]).toEqual([1, 1]);
  await broker.stop();
});

test("[PUB8] while too much waits for the disk, a stored message is refused before it is visible", async () => {
  const { messages, broker, visible } = world();
  messages.isFull = true;
  const command = { keyset: KEYSET, draft: draft(), isFire: false };
  expect(await publish({ messages, broker }, command)).toEqual({ kind: "overloaded" });
  expect(await visible()).toBe(0);
  const unstored = { ...command, draft: draft({ stored: false }) };
  expect(await publish({ messages, broker }, unstored)).toMatchObject({ kind: "sent" });
  await broker.stop();
});

test("[PUB9] a fire is acknowledged and visible to nobody", async () => {
  const { messages, broker, visible } = world();
  const command = { keyset: KEYSET, draft: draft({ stored: false }), isFire: true };
  expect(await publish({ messages, broker }, command)).toMatchObject({ kind: "sent" });
  expect([await visible(), messages.journalled.length]).toEqual([0, 0]);
  await broker.stop();
});

test("[IDM5 IDM6] repeats share what became of the commit; after a refusal the next commits the same message", async () => {
  const { messages, broker, visible } = world();
  const command = { keyset: KEYSET, draft: draft(), isFire: false, id: { id: "x", digest: "d" } };
  const send = async (): Promise<PublishOutcome> => publish({ messages, broker }, command);
  const refused = [send(), send(), send()];
  await turn();
  expect(messages.committing).toHaveLength(1);
  messages.settle("unavailable");
  expect(await Promise.all(refused)).toEqual(refused.map(() => ({ kind: "unavailable" })));
  const first = send();
  const repeats = [send(), send()];
  await turn();
  messages.settle("committed");
  const [one, other] = messages.committing;
  expect(other).toEqual(one);
  expect(messages.committing).toHaveLength(2);
  const timetoken = one?.timetoken ?? 0n;
  expect(await first).toEqual({ kind: "sent", timetoken });
  expect(await Promise.all(repeats)).toEqual([
    { kind: "repeated", timetoken },
    { kind: "repeated", timetoken },
  ]);
  expect(await visible()).toBe(1);
  await broker.stop();
});
