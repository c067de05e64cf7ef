/**
 * A network that tests answer by hand, and a clock that they move by hand.
 *
 * For tests only: nothing else imports it.
 *
 * @module
 */
import { PNConfiguration, type PubNubOptions } from "./configuration.ts";
import type { MessageEvent, PresenceEvent, SignalEvent } from "./events.ts";
import { PubNub } from "./pubnub.ts";
import type { StatusEvent } from "./status.ts";
import type { OpenStream } from "./transport/stream.ts";
import type { Timers } from "./timers.ts";
import {
  type Transport,
  type TransportAnswer,
  TransportFailure,
  type TransportFailureKind,
  type TransportRequest,
} from "./transport/transport.ts";

/** A request that waits for its test. */
export interface HeldRequest extends Omit<TransportRequest, "body"> {
  /** JSON text. */
  readonly body?: string | undefined;
  /** A form with a file. */
  readonly form?: FormData | undefined;
  /** The path and the decoded query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly isAborted: boolean;
  answer(text: string, status?: number, retryAfterSeconds?: number): void;
  answerBytes(bytes: Uint8Array<ArrayBuffer>, contentType?: string): void;
  fail(kind: TransportFailureKind, code?: string): void;
}

/** Requests are held until a test answers them. */
export class NetworkByHand {
  readonly requests: HeldRequest[] = [];

  readonly transport: Transport = (request) => {
    const { promise, resolve, reject } = Promise.withResolvers<TransportAnswer>();
    const url = new URL(request.url);
    const { body, ...rest } = request;
    this.requests.push({
      ...rest,
      ...(typeof body === "string" ? { body } : { form: body }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      get isAborted() {
        return request.signal?.aborted === true;
      },
      answer: (text, status = 200, retryAfterSeconds) => resolve({ status, text, retryAfterSeconds }),
      answerBytes: (bytes, contentType) => resolve({ status: 200, text: "", bytes, contentType }),
      fail: (kind, code) => reject(new TransportFailure(kind, code)),
    });
    const cancel = (): void => reject(new TransportFailure("cancelled"));
    request.signal?.addEventListener("abort", cancel);
    if (request.signal?.aborted) cancel();
    return promise;
  };

  /** The request that came last. */
  get last(): HeldRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error("no request has come");
    return last;
  }

  /** The requests but for heartbeats and leaves. */
  get asked(): readonly HeldRequest[] {
    return this.requests.filter(({ path }) => !/\/(?:heartbeat|leave)$/.test(path));
  }

  /** The request that came last, but for heartbeats and leaves. */
  get newest(): HeldRequest {
    const newest = this.asked.at(-1);
    if (newest === undefined) throw new Error("no request has come");
    return newest;
  }

  /** The subscribe request that came last. */
  get poll(): HeldRequest {
    const poll = this.requests.findLast(({ path }) => path.startsWith("/v2/subscribe/"));
    if (poll === undefined) throw new Error("no subscribe request has come");
    return poll;
  }
}

/** A stream that waits for its test. */
export interface HeldStream {
  readonly url: URL;
  /** The frames that the client sent. */
  readonly sent: readonly string[];
  readonly isClosed: boolean;
  frame(text: string): void;
  end(): void;
}

/** Streams are opened, and say what a test has them say. */
export class StreamsByHand {
  readonly opened: HeldStream[] = [];

  readonly open: OpenStream = (url, { frame, ended }) => {
    const sent: string[] = [];
    let [isClosed, isOpening] = [false, true];
    const closed = Promise.withResolvers<void>();
    this.opened.push({
      url: new URL(url),
      sent,
      get isClosed() {
        return isClosed;
      },
      frame: (text) => {
        isOpening = false;
        frame(text);
      },
      end: () => (isClosed ? closed.resolve() : ended()),
    });
    const close = (): Promise<void> | undefined => {
      isClosed = true;
      return isOpening ? closed.promise : undefined;
    };
    return { send: (text) => void sent.push(text), close };
  };

  /** The stream that was opened last. */
  get last(): HeldStream {
    const last = this.opened.at(-1);
    if (last === undefined) throw new Error("no stream was opened");
    return last;
  }
}

/** Time stands still until a test lets it pass. */
export class TimeByHand implements Timers {
  readonly #alarms = new Map<() => void, number>();
  #nowMs = 0;

  after(pauseMs: number, run: () => void): () => void {
    const alarm = (): void => run();
    this.#alarms.set(alarm, this.#nowMs + pauseMs);
    return () => void this.#alarms.delete(alarm);
  }

  /** How many are waiting. */
  get waiting(): number {
    return this.#alarms.size;
  }

  /** Lets time pass, and everything happen that happens meanwhile. */
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const [alarm, atMs] of Array.from(this.#alarms)) {
      if (atMs > this.#nowMs) continue;
      this.#alarms.delete(alarm);
      alarm();
    }
    await turn();
  }
}

/** Lets everything happen that can happen without the network and without time: a turn of the event loop, faster than a timer. */
export function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const { promise, resolve } = Promise.withResolvers<void>();
  port1.addEventListener("message", () => {
    port1.close();
    resolve();
  });
  port1.start();
  port2.postMessage("");
  return promise;
}

/** Turns after which {@link until} gives up. */
const TURNS_MAX = 200_000;

/** Lets things happen until something holds: WebCrypto works beside the event loop, in its own time. */
export async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < TURNS_MAX; turns++) {
    if (holds()) return;
    await turn();
  }
  throw new Error("what was waited for did not happen");
}

/** A client with everything it was told. */
export interface ClientByHand {
  readonly client: PubNub;
  readonly network: NetworkByHand;
  readonly streams: StreamsByHand;
  readonly time: TimeByHand;
  readonly messages: MessageEvent[];
  readonly signals: SignalEvent[];
  readonly presence: PresenceEvent[];
  readonly statuses: StatusEvent[];
  /** What listeners threw. */
  readonly reported: unknown[];
  /** What the client said of its configuration. */
  readonly warnings: readonly string[];
  /** The categories of the statuses. */
  categories(): readonly string[];
}

/** What a client by hand takes for the time. */
export const NOW_MS = 1_700_000_000_500;

/** A client over a network and a clock that are moved by hand. */
export function clientByHand(options: Partial<PubNubOptions> | PNConfiguration = {}): ClientByHand {
  const network = new NetworkByHand();
  const streams = new StreamsByHand();
  const time = new TimeByHand();
  const [reported, warnings]: [unknown[], string[]] = [[], []];
  const told = {
    messages: [] as MessageEvent[],
    signals: [] as SignalEvent[],
    presence: [] as PresenceEvent[],
    statuses: [] as StatusEvent[],
  };
  const keys = { subscribeKey: "sub-key", publishKey: "pub-key", origin: "network.test" };
  const client = new PubNub(
    options instanceof PNConfiguration
      ? Object.assign(options, keys, { uuid: "anna" })
      : { ...keys, userId: "anna", ...options },
    {
      transport: network.transport,
      openStream: streams.open,
      timers: time,
      now: () => NOW_MS,
      random: () => 0,
      report: (failure) => reported.push(failure),
      warn: (sentence) => warnings.push(sentence),
    },
  );
  client.addListener({
    message: (event) => void told.messages.push(event),
    signal: (event) => void told.signals.push(event),
    presence: (event) => void told.presence.push(event),
    status: (event) => void told.statuses.push(event),
  });
  return {
    client,
    network,
    streams,
    time,
    reported,
    warnings,
    ...told,
    categories: () => told.statuses.map(({ category }) => category),
  };
}

/** The text of a subscribe answer. */
export function answerOf(timetoken: string, items: readonly unknown[] = [], more: object = {}): string {
  return JSON.stringify({ t: { t: timetoken, r: 12 }, m: items, ...more });
}

/** An item of a subscribe answer. */
export function itemOf(channel: string, payload: unknown, more: object = {}): object {
  const p = { t: "17326051234567890", r: 12 };
  return { a: "1", f: 0, i: "bert", p, k: "sub-key", c: channel, d: payload, ...more };
}
