import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { LIMITS } from "@longwave/protocol";
import { count, seed } from "../../../../tools/counts.ts";
import { type EmbeddedStorage, openDataDirectory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MemoryBroker } from "../adapters/embedded/memory-broker.ts";
import { SqliteMessageStore } from "../adapters/embedded/sqlite-message-store.ts";
import { KEYSET, draft, names } from "../conformance/fixtures.ts";
import { publish } from "./publish.ts";

interface Sending {
  readonly channel: string;
  readonly id: string;
  readonly payload: string;
  readonly stored: boolean;
}

type Step =
  /** All at once: the first of equals decides. */
  | { readonly kind: "send"; readonly sendings: readonly Sending[] }
  | { readonly kind: "pass"; readonly hours: number }
  | { readonly kind: "restart" };

const sending = fc.record({
  channel: fc.constantFrom("a", "b"),
  id: fc.constantFrom("x", "y", "z"),
  payload: fc.constantFrom("1", "1", "2"),
  stored: fc.constantFrom(true, true, false),
});
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("send" as const),
        sendings: fc.array(sending, { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), hours: fc.constantFrom(1, 11, 23, 24) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  ),
  { minLength: 5, maxLength: 30, size: "max" },
);

interface Known extends Sending {
  readonly timetoken: bigint;
}

const AGE = BigInt(LIMITS.idempotencyIdAgeMsMax) * 10_000n;

/** The real rooms on a directory, and a plain map that says what ids stand for. */
class World implements AsyncDisposable {
  readonly #clock = new ManualClock();
  readonly #directory = mkdtempSync(join(tmpdir(), "longwave-once-"));
  readonly #known = new Map<string, Known>();
  readonly #idsPerKeysetMax: number;
  #storage: EmbeddedStorage;
  #messages: SqliteMessageStore;
  #broker: MemoryBroker;

  /** @param idsPerKeysetMax few, so that most stored ids are known to the disk alone. */
  constructor(idsPerKeysetMax: number) {
    this.#idsPerKeysetMax = idsPerKeysetMax;
    [this.#storage, this.#messages, this.#broker] = this.#open();
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "restart") return this.#restart();
    if (step.kind === "pass") return this.#clock.advance(step.hours * 3_600_000);
    const after = await this.#broker.position();
    const outcomes = await Promise.all(step.sendings.map((one) => this.#send(one)));
    const fresh = new Set<bigint>();
    for (const [at, one] of step.sendings.entries()) {
      const known = this.#find(one);
      const outcome = outcomes[at];
      if (known) {
        const { timetoken } = known;
        expect(outcome).toEqual(known.payload === one.payload ? { kind: "repeated", timetoken } : { kind: "taken" });
      } else if (outcome?.kind === "sent") {
        this.#known.set(keyOf(one), { ...one, timetoken: outcome.timetoken });
        fresh.add(outcome.timetoken);
      } else {
        throw new Error(`a first publish was ${outcome?.kind}`);
      }
    }
    const request = { keyset: KEYSET, after, names: names("a", "b"), messagesMax: 100 };
    const delivered = (await this.#broker.read(request)).messages.map(({ timetoken }) => timetoken);
    expect(delivered).toEqual([...fresh].toSorted((one, other) => (one < other ? -1 : 1)));
  }

  async #send({ channel, id, payload, stored }: Sending): Promise<Awaited<ReturnType<typeof publish>>> {
    const command = { keyset: KEYSET, draft: draft({ channel, payload, stored }), isFire: false };
    return publish({ broker: this.#broker, messages: this.#messages }, { ...command, id: { id, digest: payload } });
  }

  #find(one: Sending): Known | undefined {
    const known = this.#known.get(keyOf(one));
    return known && known.timetoken > BigInt(this.#clock.wallMs()) * 10_000n - AGE ? known : undefined;
  }

  #open(): [EmbeddedStorage, SqliteMessageStore, MemoryBroker] {
    const storage = openDataDirectory(this.#directory, "normal");
    const messages = new SqliteMessageStore(this.#clock, storage.reading, storage.writer, { committed: () => {} });
    return [storage, messages, new MemoryBroker(this.#clock, messages, { idsPerKeysetMax: this.#idsPerKeysetMax })];
  }

  async #stop(): Promise<void> {
    await this.#broker.stop();
    await this.#messages.stop(this.#broker.last);
    this.#storage.close();
  }

  async #restart(): Promise<void> {
    await this.#stop();
    for (const [key, { stored }] of this.#known) if (!stored) this.#known.delete(key);
    [this.#storage, this.#messages, this.#broker] = this.#open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    rmSync(this.#directory, { recursive: true });
  }
}

function keyOf({ channel, id }: Sending): string {
  return `${channel} ${id}`;
}

test("[IDM2 IDM3 IDM4 IDM7 IDM8] ids stand for what a plain map says, over restarts and days", async () => {
  const property = fc.asyncProperty(steps, async (taken) => {
    await using world = new World(100);
    for (const step of taken) await world.take(step);
  });
  await fc.assert(property, { numRuns: count({ quick: 15, full: 500 }), seed: seed() });
});

test("[IDM9 IDM7] the same where memory holds a single id, of stored messages", async () => {
  const property = fc.asyncProperty(steps, async (taken) => {
    await using world = new World(1);
    for (const step of taken) await world.take(step.kind === "send" ? allStored(step) : step);
  });
  await fc.assert(property, { numRuns: count({ quick: 10, full: 300 }), seed: seed() });
});

function allStored({ kind, sendings }: Extract<Step, { kind: "send" }>): Step {
  return { kind, sendings: sendings.map((one) => ({ ...one, stored: true })) };
}
