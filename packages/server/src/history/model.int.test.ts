import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { count, seed } from "../../../../tools/counts.ts";
import { type EmbeddedStorage, openDataDirectory } from "../adapters/embedded/data-directory.ts";
import { ManualClock } from "../adapters/embedded/manual-clock.ts";
import { MemoryBroker } from "../adapters/embedded/memory-broker.ts";
import { SqliteMessageStore } from "../adapters/embedded/sqlite-message-store.ts";
import { publish } from "../channels/publish.ts";
import { KEYSET, draft } from "../conformance/fixtures.ts";
import { countMessages, deleteMessages, readPages } from "./history.ts";
import { type Bounds, rangeOf } from "./range.ts";

type Channel = "a" | "b" | "a.b";

/** An instant near a message that was published, or none. */
interface Mark {
  readonly index: number;
  readonly offset: bigint;
}

interface MarkedBounds {
  readonly start: Mark | undefined;
  readonly end: Mark | undefined;
}

type Step =
  | {
      readonly kind: "publish";
      readonly channel: Channel;
      readonly ttlHours: number | undefined;
      readonly stored: boolean;
    }
  | { readonly kind: "delete"; readonly channel: Channel; readonly bounds: MarkedBounds }
  | { readonly kind: "pass"; readonly minutes: number }
  | { readonly kind: "read"; readonly bounds: MarkedBounds; readonly isReverse: boolean; readonly max: number }
  | { readonly kind: "count"; readonly after: Mark | undefined }
  | { readonly kind: "restart" };

const CHANNELS: readonly Channel[] = ["a", "b", "a.b"];
const channel = fc.constantFrom(...CHANNELS);
const mark = fc.option(fc.record({ index: fc.nat(30), offset: fc.constantFrom(-1n, 0n, 1n) }), {
  nil: undefined,
  freq: 2,
});
const bounds = fc.record({ start: mark, end: mark });
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant("publish" as const),
        channel,
        ttlHours: fc.constantFrom(undefined, 0, 0.5, 1, 2),
        stored: fc.constantFrom(true, true, true, false),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), channel, bounds }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.constantFrom(1, 29, 31, 60) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("read" as const),
        bounds,
        isReverse: fc.boolean(),
        max: fc.constantFrom(1, 3, 100),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("count" as const), after: mark }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  ),
  { minLength: 20, maxLength: 60, size: "max" },
);

interface Kept {
  readonly channel: Channel;
  readonly timetoken: bigint;
  readonly payload: string;
  readonly expiry: bigint | undefined;
}

/** The real rooms on a directory, and a plain list that says what they should hold. */
class World implements AsyncDisposable {
  readonly #clock = new ManualClock();
  readonly #directory = mkdtempSync(join(tmpdir(), "longwave-model-"));
  readonly #published: bigint[] = [];
  #list: Kept[] = [];
  #acknowledged: Promise<unknown>[] = [];
  #storage: EmbeddedStorage;
  #messages: SqliteMessageStore;
  #broker: MemoryBroker;

  constructor() {
    this.#storage = openDataDirectory(this.#directory, "normal");
    this.#messages = new SqliteMessageStore(this.#clock, this.#storage.reading, this.#storage.writer, {
      committed: () => {},
    });
    this.#broker = new MemoryBroker(this.#clock, this.#messages);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "publish":
        return this.#publish(step);
      case "delete":
        return this.#delete(step.channel, this.#boundsOf(step.bounds));
      case "pass":
        return this.#clock.advance(step.minutes * 60_000);
      case "read":
        return this.#compare({ ...this.#boundsOf(step.bounds), isReverse: step.isReverse }, step.max);
      case "count":
        return this.#compareCounts(this.#instantOf(step.after) ?? 0n);
      case "restart":
        return this.#restart();
    }
  }

  // Not awaited, so that what follows meets messages whose commit is under way.
  async #publish({ channel, ttlHours, stored }: Extract<Step, { kind: "publish" }>): Promise<void> {
    const payload = String(this.#published.length);
    const before = await this.#broker.position();
    const sending = Promise.resolve(
      publish(this.#ports, { keyset: KEYSET, draft: draft({ channel, payload, ttlHours, stored }), isFire: false }),
    );
    this.#acknowledged.push(sending);
    const request = {
      keyset: KEYSET,
      after: before,
      names: [{ kind: "channel" as const, name: channel }],
      messagesMax: 9,
    };
    let timetoken = (await this.#broker.read(request)).messages.at(0)?.timetoken;
    if (timetoken === undefined) {
      const outcome = await sending; // the reservation had to be renewed first
      timetoken = outcome.kind === "sent" ? outcome.timetoken : 0n;
    }
    this.#published.push(timetoken);
    const ticks = ttlHours ? BigInt(ttlHours * 3_600_000) * 10_000n : undefined;
    const expiry = ticks === undefined ? undefined : timetoken + ticks;
    if (stored) this.#list.push({ channel, timetoken, payload, expiry });
  }

  async #delete(channel: Channel, bounds: Bounds): Promise<void> {
    expect(await deleteMessages(this.#ports, { keyset: KEYSET, channel, bounds })).toBe("deleted");
    this.#list = this.#list.filter((one) => one.channel !== channel || !isInRange(one.timetoken, bounds));
  }

  async #compare(bounds: Bounds, max: number): Promise<void> {
    const command = { keyset: KEYSET, channels: CHANNELS, range: rangeOf(bounds), messagesMax: max };
    const { messages, cut } = await readPages(this.#ports, command);
    const found = CHANNELS.map(
      (name) => messages.get(name)?.map(({ timetoken, payload }) => [timetoken, payload]) ?? [],
    );
    const expected = CHANNELS.map((name) => {
      const all = this.#alive.filter((one) => one.channel === name && isInRange(one.timetoken, bounds));
      return (isForward(bounds) ? all.slice(0, max) : all.slice(-max)).map(({ timetoken, payload }) => [
        timetoken,
        payload,
      ]);
    });
    expect([found, cut]).toEqual([expected, []]);
  }

  async #compareCounts(after: bigint): Promise<void> {
    const asked = new Map(CHANNELS.map((name) => [name, after]));
    const expected = CHANNELS.map((name) => {
      return [name, this.#alive.filter((one) => one.channel === name && one.timetoken > after).length];
    });
    expect([...(await countMessages(this.#ports, { keyset: KEYSET, after: asked }))]).toEqual(
      expected as [string, number][],
    );
  }

  /** No body without its message, no message without its body. */
  expectWhole(): void {
    const rows = this.#storage.reading.query("SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM body)");
    const [messages, bodies] = Object.values(rows.get() as object);
    const [joined] = this.#storage.reading.query("SELECT count(*) FROM message JOIN body ON id = body_id").values();
    expect([bodies, joined?.[0]]).toEqual([messages, messages]);
  }

  get #alive(): readonly Kept[] {
    const now = BigInt(this.#clock.wallMs()) * 10_000n;
    return this.#list.filter(({ expiry }) => expiry === undefined || expiry > now);
  }

  get #ports(): { readonly messages: SqliteMessageStore; readonly broker: MemoryBroker } {
    return { messages: this.#messages, broker: this.#broker };
  }

  #boundsOf({ start, end }: MarkedBounds): Bounds {
    return { start: this.#instantOf(start), end: this.#instantOf(end) };
  }

  #instantOf(mark: Mark | undefined): bigint | undefined {
    if (mark === undefined) return undefined;
    const published = this.#published[mark.index % Math.max(this.#published.length, 1)];
    return published === undefined ? undefined : published + mark.offset;
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#acknowledged.splice(0));
    await this.#broker.stop();
    await this.#messages.stop(this.#broker.last);
    this.#storage.close();
  }

  async #restart(): Promise<void> {
    await this.#stop();
    this.#storage = openDataDirectory(this.#directory, "normal");
    const { reading, writer } = this.#storage;
    this.#messages = new SqliteMessageStore(this.#clock, reading, writer, { committed: () => {} });
    this.#broker = new MemoryBroker(this.#clock, this.#messages);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    rmSync(this.#directory, { recursive: true });
  }
}

// Written from the rules, not from rangeOf(), which is under test too.
function isForward({ start, end, isReverse = false }: Bounds): boolean {
  return isReverse || (start !== undefined && end !== undefined && start < end);
}

function isInRange(timetoken: bigint, bounds: Bounds): boolean {
  const { start, end } = bounds;
  if (isForward(bounds)) return (start === undefined || timetoken > start) && (end === undefined || timetoken <= end);
  return (start === undefined || timetoken < start) && (end === undefined || timetoken >= end);
}

test("[HIS24 HIS18 STO16] every page and count is what a plain list gives, over restarts", async () => {
  const property = fc.asyncProperty(steps, async (taken) => {
    await using world = new World();
    for (const step of taken) await world.take(step);
    for (const step of EVERYTHING) await world.take(step);
    await world.take({ kind: "restart" });
    for (const step of EVERYTHING) await world.take(step);
    world.expectWhole();
  });
  await fc.assert(property, { numRuns: count({ quick: 15, full: 1_000 }), seed: seed() });
}, 600_000);

const EVERYTHING: readonly Step[] = [
  { kind: "read", bounds: { start: undefined, end: undefined }, isReverse: false, max: 100 },
  { kind: "count", after: undefined },
];
