/**
 * The network as the tests of this room meet it: over real sockets, under a clock that stands still, answering bytes.
 *
 * No part of the network itself; called by `*.int.test.ts` alone.
 *
 * @module
 */
import { printTimetoken, timetokenFromMs } from "@longwave/protocol";
import { type Keyset, ManualClock, type Network, SILENT_LOG, type ServerOptions, startNetwork } from "../index.ts";

/** What came back, byte for byte. */
export interface WireAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks once, of any network. */
export async function ask(url: string, init?: RequestInit): Promise<WireAnswer> {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.text() };
}

/** A network of its own for one test, in memory where the options do not say otherwise. */
export class WireNetwork implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly #network: Network;

  private constructor(network: Network, clock: ManualClock) {
    this.#network = network;
    this.clock = clock;
  }

  static async start(
    options: Partial<ServerOptions> = {},
    clock = new ManualClock(),
    keysets?: readonly Keyset[],
  ): Promise<WireNetwork> {
    const settings = { memory: true, port: 0, drainSeconds: 0, ...options };
    return new WireNetwork(await startNetwork(settings, { log: SILENT_LOG, clock, keysets }), clock);
  }

  get heldPolls(): number {
    return this.#network.heldPolls;
  }

  /** The instant at which the clock stands, as timetokens print it: what refusals carry. */
  get now(): string {
    return printTimetoken(timetokenFromMs(this.clock.wallMs()));
  }

  /** The whole of an address, from path and query. */
  url(target: string): string {
    return this.#network.url + target;
  }

  /** Asks once, by path and query. */
  ask(target: string, init?: RequestInit): Promise<WireAnswer> {
    return ask(this.url(target), init);
  }

  /** Publishes in any form. @returns the timetoken of the acknowledgement, which must be the exact one. */
  async sent(target: string, init?: RequestInit): Promise<string> {
    const { status, body } = await this.ask(target, init);
    const [, timetoken] = /^\[1,"Sent","(\d{17})"\]$/.exec(body) ?? [];
    if (status !== 200 || timetoken === undefined) throw new Error(`${target.slice(0, 100)}: ${status} ${body}`);
    return timetoken;
  }

  /** Publishes a JSON text to a channel, each percent-encoded here. @returns its timetoken. */
  publish(channel: string, payload: string, query = ""): Promise<string> {
    return this.sent(`/publish/demo/demo/0/${encodeURIComponent(channel)}/0/${encodeURIComponent(payload)}?${query}`);
  }

  /** Polls once, by the list of names as it stands in the path. */
  poll(names: string, query: string, init?: RequestInit): Promise<WireAnswer> {
    return this.ask(`/v2/subscribe/demo/${names}/0?${query}`, init);
  }

  /** Handshakes. @returns a cursor behind everything published so far. */
  async handshake(): Promise<string> {
    const { body } = await this.poll("room", "tt=0");
    const { t } = JSON.parse(body) as { readonly t: { readonly t: string } };
    return t.t;
  }

  /** Waits until so many polls are held. */
  async holds(polls: number): Promise<void> {
    while (this.heldPolls !== polls) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Lets seconds pass until so many polls are held: that a client has gone away is noticed once in each. */
  lets(polls: number): Promise<void> {
    return letSecondsPass(this.clock, this.#network.url, () => this.heldPolls === polls);
  }

  /** Waits until a poll, the only one, is held or answered. */
  async takes(poll: Promise<unknown>): Promise<void> {
    while (this.heldPolls === 0 && Bun.peek.status(poll) === "pending") {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#network.stop();
  }
}

/** Lets seconds pass until something has come about, a round trip in each, in which what clients have done arrives. */
export async function letSecondsPass(clock: ManualClock, url: string, isReached: () => boolean): Promise<void> {
  while (!isReached()) {
    await (await fetch(`${url}/time/0`)).text();
    clock.advance(1_000);
  }
}

/** A successful subscribe answer. */
export function answered(cursor: string, ...envelopes: readonly string[]): WireAnswer {
  return { status: 200, body: `{"t":{"t":"${cursor}","r":12},"m":[${envelopes.join(",")}]}` };
}

/** An envelope of the channel `room` that has only what every envelope has. */
export function plainEnvelope(timetoken: string, payload: string): string {
  return `{"a":"1","f":0,"p":{"t":"${timetoken}","r":12},"k":"demo","c":"room","d":${payload}}`;
}
