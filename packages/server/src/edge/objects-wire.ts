/**
 * App Context as the tests of this room meet it: over real sockets, answering bytes.
 *
 * No part of the network itself; called by `objects*.int.test.ts` alone.
 *
 * @module
 */
import type { Keyset } from "../access/keysets.ts";
import type { KeysetSettings } from "../access/keyset-settings.ts";
import { DEMO_KEYSET } from "../access/keysets.ts";
import { ManualClock } from "../index.ts";
import type { ServerOptions } from "../options.ts";
import { type WireAnswer, WireNetwork } from "./wire-network.ts";

/** Where the clock stands, as records print it. */
export const NOW = "2024-11-26T07:12:03.456Z";
/** The same as the events of memberships print it. */
export const NOW_WITH_NANOSECONDS = "2024-11-26T07:12:03.456000000Z";
/** The eTag of memberships that nothing has been said about. */
export const PLAIN_TAG = "P32pmmFUcPlwrQ";

/** A network whose objects are asked for. */
export class ObjectsWire implements AsyncDisposable {
  readonly network: WireNetwork;

  private constructor(network: WireNetwork) {
    this.network = network;
  }

  static async start(
    settings: Partial<KeysetSettings> = {},
    options: Partial<ServerOptions> = {},
  ): Promise<ObjectsWire> {
    const keysets: readonly Keyset[] = [{ ...DEMO_KEYSET, ...settings }];
    return new ObjectsWire(await WireNetwork.start(options, new ManualClock(), keysets));
  }

  /** Asks once, by the path behind the subscribe key. */
  ask(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<WireAnswer> {
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    return this.network.ask(`/v2/objects/demo${path}`, init);
  }

  get(path: string): Promise<WireAnswer> {
    return this.ask("GET", path);
  }

  /** Sets something that must be accepted. @returns the data of the answer, as text. */
  async set(path: string, body: unknown): Promise<string> {
    const answer = await this.ask("PATCH", path, JSON.stringify(body));
    const [, data] = /^\{"status":200,"data":(.*)\}$/.exec(answer.body) ?? [];
    if (answer.status !== 200 || data === undefined) throw new Error(`${path}: ${answer.status} ${answer.body}`);
    return data;
  }

  /** Lists. @returns the ids, and what follows the data. */
  async list(
    path: string,
    query: Record<string, string> = {},
  ): Promise<{ readonly ids: string; readonly rest: string }> {
    const { body } = await this.get(`${path}?${new URLSearchParams(query)}`);
    const [, data, rest = ""] = /^\{"status":200,"data":(\[.*\])(.*)\}$/.exec(body) ?? [];
    if (data === undefined) throw new Error(`${path} ${JSON.stringify(query)}: ${body}`);
    const items = JSON.parse(data) as readonly ListedItem[];
    return { ids: items.map(({ id, channel, uuid }) => id ?? channel?.id ?? uuid?.id).join(" "), rest };
  }

  /** The events that have gone to channels since the start: channel and payload, in order. */
  async events(...channels: readonly string[]): Promise<readonly (readonly [channel: string, payload: string])[]> {
    await this.network.publish(channels[0] ?? "", END); // so that a poll does not wait where there are none
    const { body } = await this.network.poll(channels.map(encodeURIComponent).join(","), "tt=1");
    const envelopes = body.slice(body.indexOf('"m":[') + 5, -2).split(/,(?=\{"a":)/);
    const events = envelopes.filter((envelope) => !envelope.includes(`"d":${END}`));
    return events.map((envelope) => {
      const [, channel = "", payload = ""] = ENVELOPE.exec(envelope) ?? [];
      return [channel, payload] as const;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.network[Symbol.asyncDispose]();
  }
}

const END = '"the end of the events"';

// Anchored, so that an `i`, or another `e`, shows as an event that is missing.
const ENVELOPE =
  /^\{"a":"1","f":0,"e":2,"p":\{"t":"\d{17}","r":12\},"k":"demo","c":"([^"]*)","d":(\{.*\}\})(?:,"b":"[^"]*")?\}$/;

interface ListedItem {
  readonly id?: string;
  readonly channel?: { readonly id: string };
  readonly uuid?: { readonly id: string };
}

/** A refusal with one thing that is wrong. */
export function malformed(message: string, location: string, locationType: string): WireAnswer {
  return malformedIn([{ message, location, locationType }]);
}

/** A refusal with all that is wrong. */
export function malformedIn(details: readonly object[]): WireAnswer {
  const message = "Request payload contained invalid input.";
  return { status: 400, body: JSON.stringify({ status: 400, error: { message, source: "objects", details } }) };
}

/** A refusal without details. */
export function refused(status: number, message: string): WireAnswer {
  return { status, body: JSON.stringify({ status, error: { message, source: "objects" } }) };
}

/** A success with one thing. */
export function succeeded(data: string): WireAnswer {
  return { status: 200, body: `{"status":200,"data":${data}}` };
}
