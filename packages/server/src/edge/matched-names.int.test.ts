import { describe, expect, test } from "bun:test";
import { WireNetwork } from "./wire-network.ts";

/** The items that a subscriber is asked about: a message, somebody's coming, and somebody who follows the wildcard. */
const ITEMS = ["a.x", "a.x-pnpres", "a.*-pnpres"] as const;

/** One row: channels, groups, and the deliveries as "channel name", "-" where no name is told. */
type Row = readonly [channels: string, groups: string, deliveries: readonly string[]];

// The group g has the channel a.x, the group old its presence companion.
const ROWS: Readonly<Record<string, readonly Row[]>> = {
  "a single name that is the channel itself is not told": [
    ["a.x", "", ["a.x -"]],
    ["a.x-pnpres", "", ["a.x-pnpres -"]],
    ["a.%2A-pnpres", "", ["a.x-pnpres a.*-pnpres", "a.*-pnpres -"]], // told of a channel under it, not of itself
  ],
  "a single wildcard is told": [["a.*", "", ["a.x a.*"]]],
  "several names are told, also where they are the channel itself": [
    ["a.x,b", "", ["a.x a.x"]],
    ["a.x,a.x", "", ["a.x -"]],
    ["a.*,b", "", ["a.x a.*"]],
    ["a.x,a.*", "", ["a.x a.x", "a.x a.*"]],
    ["a.x,a.x-pnpres", "", ["a.x a.x", "a.x-pnpres a.x-pnpres"]],
  ],
  "a match through a group is told by the group": [
    [",", "g", ["a.x g"]],
    ["b", "g", ["a.x g"]],
    ["a.x", "g", ["a.x a.x", "a.x g"]],
    ["a.*", "g", ["a.x a.*", "a.x g"]],
  ],
  "presence through a group's presence name is told by it": [
    [",", "g-pnpres", ["a.x-pnpres g-pnpres"]],
    [",", "g,g-pnpres", ["a.x g", "a.x-pnpres g-pnpres"]],
    [",", "old", ["a.x-pnpres old"]],
    ["a.x-pnpres", "g-pnpres", ["a.x-pnpres a.x-pnpres", "a.x-pnpres g-pnpres"]],
  ],
  "presence through a wildcard's presence name is told by it": [
    ["b,a.*-pnpres", "", ["a.x-pnpres a.*-pnpres", "a.*-pnpres a.*-pnpres"]],
    ["a.x,a.*-pnpres", "", ["a.x a.x", "a.x-pnpres a.*-pnpres", "a.*-pnpres a.*-pnpres"]],
    ["a.x-pnpres,a.*-pnpres", "", ["a.x-pnpres a.x-pnpres", "a.x-pnpres a.*-pnpres", "a.*-pnpres a.*-pnpres"]],
  ],
  "a wildcard with its presence gives presence once, by the presence name": [
    ["a.*,a.*-pnpres", "", ["a.x a.*", "a.x-pnpres a.*-pnpres", "a.*-pnpres a.*-pnpres"]],
  ],
};

describe("what stands in b", () => {
  for (const [what, rows] of Object.entries(ROWS)) {
    for (const [channels, groups, deliveries] of rows) {
      for (const isHeld of [false, true]) {
        const when = isHeld ? "while held" : "from the queue";
        test(`[SUB12 SUB13 SUB18 CHN5 WIRE8 WIRE9 PRE4] ${what}: ${channels} ${groups} ${when}`, async () => {
          await using network = await WireNetwork.start();
          await prepare(network);
          const follower = new Follower(network, channels, groups, await network.handshake());
          const polled = isHeld ? follower.until(deliveries.length) : undefined;
          for (const item of ITEMS) {
            if (isHeld) await follower.isWaiting(deliveries.length);
            await cause(network, item);
          }
          expect(await (polled ?? follower.until(deliveries.length))).toEqual(deliveries);
          expect(await follower.rest()).toEqual([]);
        });
      }
    }
  }
});

test("[PRE4 PRE56 SUB1] who follows a wildcard is on no channel under it, and here-now knows no wildcards", async () => {
  await using network = await WireNetwork.start();
  await network.poll("a.*", "uuid=alice");
  await network.poll("a.x", "uuid=bob");
  const hereNow = async (names: string): Promise<unknown> => {
    const { body } = await network.ask(`/v2/presence/sub-key/demo/channel/${names}`);
    return (JSON.parse(body) as { readonly uuids: unknown }).uuids;
  };
  expect([await hereNow("a.x"), await hereNow("a.*"), await hereNow("a")]).toEqual([["bob"], ["alice"], []]);
});

async function prepare(network: WireNetwork): Promise<void> {
  const registry = "/v1/channel-registration/sub-key/demo/channel-group";
  await network.ask(`${registry}/g?add=a.x`);
  await network.ask(`${registry}/old?add=a.x-pnpres`);
}

async function cause(network: WireNetwork, item: (typeof ITEMS)[number]): Promise<void> {
  if (item === "a.x") return void (await network.publish("a.x", "1"));
  const channel = item.slice(0, -"-pnpres".length);
  await network.ask(`/v2/presence/sub-key/demo/channel/${channel}/heartbeat?uuid=alice`);
}

interface Answer {
  readonly t: { readonly t: string };
  readonly m: readonly { readonly c: string; readonly b?: string }[];
}

/** Somebody who polls on and on, and is nobody present. */
class Follower {
  readonly #network: WireNetwork;
  readonly #channels: string;
  readonly #groups: string;
  readonly #seen: string[] = [];
  #cursor: string;

  constructor(network: WireNetwork, channels: string, groups: string, cursor: string) {
    this.#network = network;
    this.#channels = channels;
    this.#groups = groups;
    this.#cursor = cursor;
  }

  /** Polls until it has been told of so many. @returns all of them. */
  async until(deliveries: number): Promise<readonly string[]> {
    while (this.#seen.length < deliveries) await this.#poll();
    return this.#seen;
  }

  /** Waits until its poll is held, or it polls no more. */
  async isWaiting(deliveries: number): Promise<void> {
    while (this.#network.heldPolls === 0 && this.#seen.length < deliveries) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** What one more poll would be told at once. */
  async rest(): Promise<readonly string[]> {
    const told = this.#seen.length;
    const poll = this.#poll();
    await this.#network.takes(poll);
    this.#network.clock.advance(281_000);
    await poll;
    return this.#seen.slice(told);
  }

  async #poll(): Promise<void> {
    const query = `tt=${this.#cursor}&channel-group=${this.#groups}`;
    const { body } = await this.#network.poll(this.#channels, query);
    const { t, m } = JSON.parse(body) as Answer;
    this.#cursor = t.t;
    this.#seen.push(...m.map(({ c, b }) => `${c} ${b ?? "-"}`));
  }
}
