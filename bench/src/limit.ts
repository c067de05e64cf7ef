/**
 * The limit: a bare `Bun.serve` that sends the same bytes as the network and does nothing else.
 *
 * It holds polls and WebSockets of one channel for each path, remembers a thousand messages, and answers a stored publish
 * after the same group commit, through the network's own writer. What the network cannot be faster than. Everything that
 * was published within one turn of the event loop leaves together, as one text that is made once.
 *
 * @module
 */
import { join } from "node:path";
import { openDataDirectory } from "../../packages/server/src/adapters/embedded/data-directory.ts";
import { SqliteMessageStore } from "../../packages/server/src/adapters/embedded/sqlite-message-store.ts";
import { systemClock } from "../../packages/server/src/adapters/embedded/system-clock.ts";
import { lengthenListenQueue } from "../../packages/server/src/edge/listen-queue.ts";
import { DEFAULT_OPTIONS } from "../../packages/server/src/options.ts";
import type { Message } from "../../packages/server/src/ports/message.ts";

const HEADERS = {
  headers: new Headers({
    "Content-Type": 'text/javascript; charset="UTF-8"',
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
  }),
};
const FIRST = 17_000_000_000_000_000n;
const REMEMBERED_MAX = 1_000;
const ANSWER_MAX = 100;

/** One channel of one keyset. */
class Channel {
  readonly topic: string;
  readonly #name: string;
  #envelopes: string[] = [];
  #through = FIRST;
  #told = FIRST;
  #held: ((response: Response) => void)[] = [];

  constructor(topic: string, name: string) {
    this.topic = topic;
    this.#name = name;
  }

  get through(): bigint {
    return this.#through;
  }

  add(payload: string): string {
    this.#through += 1n;
    const cursor = `{"t":"${this.#through}","r":12}`;
    this.#envelopes.push(`{"a":"1","f":0,"i":"bench","p":${cursor},"k":"demo","c":"${this.#name}","d":${payload}}`);
    if (this.#envelopes.length > 2 * REMEMBERED_MAX) this.#envelopes = this.#envelopes.slice(-REMEMBERED_MAX);
    if (this.#through === this.#told + 1n) setImmediate(() => this.#tell());
    return `[1,"Sent","${this.#through}"]`;
  }

  hold(letGo: (response: Response) => void): void {
    this.#held.push(letGo);
  }

  /** What came after a cursor, at most a hundred messages. */
  answer(after: bigint): string {
    const missed = Number(this.#through - after);
    const start = this.#envelopes.length - missed;
    const envelopes = missed === 0 ? [] : this.#envelopes.slice(start, start + ANSWER_MAX);
    return `{"t":{"t":"${after + BigInt(envelopes.length)}","r":12},"m":[${envelopes.join(",")}]}`;
  }

  #tell(): void {
    const text = this.answer(this.#told);
    this.#told = this.#through;
    server.publish(this.topic, text);
    const waiting = this.#held;
    this.#held = [];
    for (const letGo of waiting) letGo(new Response(text, HEADERS));
  }
}

const channels = new Map<string, Channel>();

function channelOf(keyset: string, name: string): Channel {
  const topic = `${keyset}/${name}`;
  let channel = channels.get(topic);
  if (!channel) channels.set(topic, (channel = new Channel(topic, name)));
  return channel;
}

const [dataDirectory = "."] = process.argv.slice(2);
let store: SqliteMessageStore | undefined;

function openStore(): SqliteMessageStore {
  const { reading, writer } = openDataDirectory(join(dataDirectory, "store"), DEFAULT_OPTIONS.synchronous);
  return new SqliteMessageStore(systemClock, reading, writer, { committed: () => {} });
}

function commit(channel: Channel, payload: string): Promise<Response> {
  store ??= openStore();
  const text = channel.add(payload);
  const message: Message = {
    keyset: "demo",
    channel: channel.topic,
    timetoken: channel.through,
    payload,
    eventType: undefined,
    publisher: "bench",
    sequence: undefined,
    meta: undefined,
    customMessageType: undefined,
    origination: undefined,
    stored: true,
    ttlHours: 168,
  };
  return store.commit(message).then(() => new Response(text, HEADERS));
}

function publish(url: string, segments: readonly string[]): Response | Promise<Response> {
  const [, , , , , keyset = "", , name = "", , payload = ""] = segments;
  const channel = channelOf(keyset, name);
  const [encoded = ""] = payload.split("?", 1);
  const text = decodeURIComponent(encoded);
  return url.includes("store=0") ? new Response(channel.add(text), HEADERS) : commit(channel, text);
}

function subscribe(request: Request, segments: readonly string[]): Response | Promise<Response> | undefined {
  const { url } = request;
  const [, , , , , keyset = "", name = ""] = segments;
  const channel = channelOf(keyset, name);
  if (request.headers.get("upgrade")) {
    return server.upgrade(request, { data: channel }) ? undefined : new Response(null, { status: 426 });
  }
  const after = BigInt(/[?&]tt=(\d+)/.exec(url)?.[1] ?? "0");
  if (after === 0n) return new Response(channel.answer(channel.through), HEADERS);
  if (after < channel.through) return new Response(channel.answer(after), HEADERS);
  server.timeout(request, 0);
  return new Promise<Response>((resolve) => channel.hold(resolve));
}

const ALIVE = '{"status":200,"message":"OK","service":"Presence"}';

const server = Bun.serve<Channel>({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 30,
  fetch(request) {
    const { url } = request;
    const segments = url.split("/");
    if (segments[3] === "publish") return publish(url, segments);
    if (segments[4] === "subscribe") return subscribe(request, segments);
    return new Response(ALIVE, HEADERS);
  },
  websocket: {
    open: (socket) => {
      socket.send(socket.data.answer(socket.data.through));
      socket.subscribe(socket.data.topic);
    },
    message: () => {},
  },
});

lengthenListenQueue(server.port ?? 0);
console.log(`longwave ready http://127.0.0.1:${server.port}`);
