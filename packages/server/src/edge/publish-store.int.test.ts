import { expect, test } from "bun:test";
import { DEMO_KEYSET, retentionHours } from "../access/keysets.ts";
import { directoryOf } from "../conformance/keysets.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MemoryBroker } from "../adapters/embedded/memory-broker.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import { createTracing } from "../observe/tracing.ts";
import type { Message } from "../ports/message.ts";
import type { CommitOutcome } from "../ports/message-store.ts";
import { Admission, UNLIMITED_ADDRESSES } from "./admission.ts";
import { Turns } from "../channels/turns.ts";
import { listen } from "./listener.ts";
import type { Services } from "./services.ts";
import { ask } from "./wire-network.ts";

/** The edge over a store whose disk does what the test says, and that notes what it is given. */
class EdgeOverStore implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly reservedThrough = 0n;
  readonly lostThrough = 0n;
  readonly idsThrough = 0n;
  readonly committed: Message[] = [];
  readonly journalled: Message[] = [];
  isFull = false;
  /** Nothing for a disk that does not answer. */
  outcome: CommitOutcome | undefined = "committed";
  readonly #broker: MemoryBroker;
  readonly #edge: ReturnType<typeof listen>;
  #waiting: (() => void)[] = [];

  constructor() {
    const { clock } = this;
    this.#broker = new MemoryBroker(clock, this);
    const services = {
      clock,
      keysets: directoryOf(DEMO_KEYSET),
      log: SILENT_LOG,
      metrics: new Metrics(),
      admission: new Admission(new ManualClock(), UNLIMITED_ADDRESSES),
      turns: new Turns(new ManualClock()),
      traced: createTracing(),
      broker: this.#broker,
      messages: this,
      notifier: { accept: () => undefined },
    } as unknown as Services; // the others are not reached
    this.#edge = listen(services, { host: "127.0.0.1", port: 0, idleSeconds: 30, tls: undefined });
  }

  isOverloaded(): boolean {
    return this.isFull;
  }

  commit(message: Message): Promise<CommitOutcome> {
    this.committed.push(message);
    const { outcome } = this;
    if (outcome !== undefined) return Promise.resolve(outcome);
    return new Promise((resolve) => this.#waiting.push(() => resolve("committed")));
  }

  findId(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  reserve(): Promise<boolean> {
    return Promise.resolve(true);
  }

  journal(message: Message): void {
    this.journalled.push(message);
  }

  /** The disk answers at last. */
  settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  url(target: string): string {
    return this.#edge.url + target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#edge.stop();
    await this.#broker.stop();
  }
}

const NOW = "17326051234560000"; // where a manual clock stands at first
const PUBLISH = "/publish/demo/demo/0/room/0/1";

test("[PUB6 EDG14] what the store refuses is 503 and not acknowledged; other outcomes of a commit too", async () => {
  await using edge = new EdgeOverStore();
  const message = "Storage unavailable: the message may have been delivered but is not kept; send it again";
  for (const outcome of ["unavailable", "overloaded"] as const) {
    edge.outcome = outcome;
    const response = await fetch(edge.url(PUBLISH));
    expect(response.headers.get("Retry-After")).toBe("1");
    expect([response.status, await response.text()]).toEqual([503, `[0,"${message}","${NOW}"]`]);
  }
});

test("[PUB6 PUB7] while the disk does not answer, stored messages wait and unstored ones and signals do not", async () => {
  await using edge = new EdgeOverStore();
  edge.outcome = undefined;
  let isAcknowledged = false;
  const stored = ask(edge.url(PUBLISH)).finally(() => {
    isAcknowledged = true;
  });
  const unstored = await ask(edge.url(`${PUBLISH}?store=0`));
  const signal = await ask(edge.url("/signal/demo/demo/0/room/0/2?store=1"));
  expect([unstored.status, signal.status, isAcknowledged]).toEqual([200, 200, false]);
  expect(edge.journalled.map(({ payload }) => payload)).toEqual(["1", "2"]);
  while (edge.committed.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  edge.settle();
  expect((await stored).status).toBe(200);
});

test("[PUB8 EDG14] while too much waits for the disk, stored messages are 503 and others are not", async () => {
  await using edge = new EdgeOverStore();
  edge.isFull = true;
  const response = await fetch(edge.url(PUBLISH));
  expect(response.headers.get("Retry-After")).toBe("1");
  const body = `[0,"Overloaded: the message was not accepted; send it again","${NOW}"]`;
  expect([response.status, await response.text(), edge.committed]).toEqual([503, body, []]);
  expect((await ask(edge.url(`${PUBLISH}?store=0`))).status).toBe(200);
  expect((await ask(edge.url("/signal/demo/demo/0/room/0/1"))).status).toBe(200);
});

// What the store is asked to keep: hours, OWN for the keyset's retention, nothing for what is not stored.
const OWN = retentionHours(DEMO_KEYSET);
const RETENTION: Readonly<Record<string, number | undefined>> = {
  "": OWN,
  "store=1": OWN,
  "ttl=1": 1,
  "ttl=24&store=1": 24,
  "ttl=0.5": 0.5,
  "ttl=0&store=1": 0,
  "ttl=0.0&store=true": 0,
  "ttl=0": OWN,
  "ttl=-1": OWN,
  "ttl=-1&store=1": OWN,
  "ttl=-0&store=1": 0,
  "ttl=999999999": 876_600,
  "ttl=5&store=0": undefined,
  "ttl=malformed&store=0": undefined,
};

for (const [query, hours] of Object.entries(RETENTION)) {
  test(`[PUB12] ${query || "no ttl"} keeps for ${hours ?? "no"} hours`, async () => {
    await using edge = new EdgeOverStore();
    expect((await ask(edge.url(`${PUBLISH}?${query}`))).status).toBe(200);
    const kept = edge.committed.map(({ ttlHours }) => ttlHours);
    expect(kept).toEqual(hours === undefined ? [] : [hours]);
  });
}

test("[PUB14] a signal is never stored, whatever it asks for", async () => {
  await using edge = new EdgeOverStore();
  for (const query of ["", "store=1", "ttl=5&store=1", "ttl=malformed"]) {
    expect((await ask(edge.url(`/signal/demo/demo/0/room/0/1?${query}`))).status).toBe(200);
  }
  expect([edge.committed.length, edge.journalled.length]).toEqual([0, 4]);
  expect(edge.journalled.every(({ stored, ttlHours }) => !stored && ttlHours === undefined)).toBe(true);
});
