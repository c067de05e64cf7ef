/**
 * A subscriber that roams: it changes transport, names and filter, loses its connection, and goes on from its cursor.
 *
 * For tests only. It keeps every answer with what was asked for and from which cursor, so that a test can say afterwards,
 * knowing everything that was published, what each answer had to hold.
 *
 * @module
 */

/** What is asked for: names of channels and wildcards, and channel groups. */
export interface Wanted {
  readonly channels: readonly string[];
  readonly groups: readonly string[];
}

/** The ways to subscribe. */
export const TRANSPORTS = ["poll", "events", "socket"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** One answer: what came behind `from`, up to and with `to`. */
export interface Received {
  /** What it may have been an answer to: of a change under way, what was before and what comes. */
  readonly wanted: readonly Wanted[];
  readonly from: bigint;
  readonly to: bigint;
  /** When it was received, by the wall clock, in milliseconds. */
  readonly atMs: number;
  /** Timetoken and matching name of each item. */
  readonly items: readonly string[];
}

interface WireAnswer {
  readonly t: { readonly t: string };
  readonly m: readonly { readonly c: string; readonly b?: string; readonly p: { readonly t: string } }[];
}

/** A subscriber. */
export class RoamingClient {
  readonly received: Received[] = [];
  readonly #origin: string;
  #cursor: bigint;
  #wanted: Wanted;
  #former: Wanted | undefined;
  #connection: AbortController | undefined;
  #socket: WebSocket | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param cursor where it begins. */
  constructor(origin: string, wanted: Wanted, cursor: bigint) {
    this.#origin = origin;
    this.#wanted = wanted;
    this.#cursor = cursor;
  }

  /** Connects, ending whatever connection there was, and receives until {@link disconnect}. */
  async connect(transport: Transport, wanted: Wanted = this.#wanted): Promise<void> {
    await this.disconnect();
    this.#wanted = wanted;
    this.#former = undefined;
    const connection = new AbortController();
    this.#connection = connection;
    const run = { poll: this.#poll, events: this.#events, socket: this.#listen }[transport];
    this.#running = run.call(this, connection.signal).catch((failure: unknown) => {
      if (!connection.signal.aborted) throw failure;
    });
  }

  /** Asks for something else, over a WebSocket without leaving it. */
  change(wanted: Wanted): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || this.#former) return false;
    this.#former = this.#wanted;
    this.#wanted = wanted;
    socket.send(JSON.stringify({ subscribe: wanted }));
    return true;
  }

  /** Cuts the connection, in the middle of whatever it does. */
  async disconnect(): Promise<void> {
    this.#connection?.abort();
    this.#connection = undefined;
    await this.#running;
  }

  /** Waits until the cursor is at an instant or behind it. */
  async reached(timetoken: bigint): Promise<void> {
    while (this.#cursor < timetoken) await Bun.sleep(2);
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const response = await fetch(this.#url(), { signal });
      const text = await response.text();
      if (signal.aborted) return;
      if (response.status === 400) await Bun.sleep(5); // a group alone that has no members now
      else this.#take(text);
    }
  }

  async #events(signal: AbortSignal): Promise<void> {
    const response = await fetch(this.#url(), { signal, headers: { accept: "text/event-stream" } });
    if (response.status === 400) return this.#poll(signal);
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined && !signal.aborted) this.#take(data);
      }
    }
    return undefined;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const socket = new WebSocket(this.#url().replace("http", "ws"));
    this.#socket = socket;
    const closed = new Promise<void>((resolve) => socket.addEventListener("close", () => resolve()));
    socket.addEventListener("message", ({ data }) => {
      if (!signal.aborted) this.#take(String(data));
    });
    signal.addEventListener("abort", () => socket.close(), { once: true });
    await closed;
    this.#socket = undefined;
    if (!signal.aborted) await this.#poll(signal);
  }

  #url(): string {
    const { channels, groups } = this.#wanted;
    const list = channels.length === 0 ? "," : channels.join(",");
    return `${this.#origin}/v2/subscribe/demo/${list}/0?tt=${this.#cursor}&channel-group=${groups.join(",")}`;
  }

  #take(text: string): void {
    const answer = JSON.parse(text) as WireAnswer;
    const to = BigInt(answer.t.t);
    this.received.push({
      wanted: this.#former ? [this.#former, this.#wanted] : [this.#wanted],
      from: this.#cursor,
      to,
      atMs: Date.now(),
      items: answer.m.map(({ c, b, p }) => `${p.t} ${b ?? c}`),
    });
    this.#cursor = to;
  }
}
