/**
 * Receiving over a stream: what is pushed is handed on one answer at a time, as if each had been asked for.
 *
 * A stream that is silent is asked for a sign of life, since a browser does not say when its connection is dead.
 * Called by the loop beside it. Rules: spec/SDK.md SDK41.
 *
 * @module
 */
import type { WireCursor } from "@longwave/protocol";
import type { Configuration } from "../configuration.ts";
import { encodeRequest } from "../endpoints/request.ts";
import type { Timers } from "../timers.ts";
import type { OpenStream, Stream } from "../transport/stream.ts";
import { TransportFailure } from "../transport/transport.ts";
import type { Names } from "./names.ts";
import { subscribeRequest } from "./request.ts";

/** Silence after which a stream is asked for a sign of life, in milliseconds. */
export const SILENCE_MS = 30_000;

/** A frame that changes nothing, and is answered at once by a subscribe answer. */
const SIGN_OF_LIFE = '{"subscribe":{}}';

/** What it works with. */
export interface ReceiverParts {
  readonly configuration: Configuration;
  readonly open: OpenStream;
  readonly timers: Timers;
}

/** One stream of one mix of names, open until it is closed. */
export class StreamReceiver {
  readonly names: Names;
  readonly #parts: ReceiverParts;
  readonly #stream: Stream;
  readonly #frames: string[] = []; // that came and were not taken
  #isOver = false;
  #hasSpoken = false;
  #wake: () => void = () => {};

  constructor(parts: ReceiverParts, names: Names, cursor: WireCursor) {
    this.#parts = parts;
    this.names = names;
    const { url } = encodeRequest(parts.configuration, subscribeRequest(parts.configuration, names, cursor));
    this.#stream = parts.open(url.replace(/^http/, "ws"), {
      frame: (text) => {
        this.#hasSpoken = true;
        this.#frames.push(text);
        this.#wake();
      },
      ended: () => {
        this.#isOver = true;
        this.#wake();
      },
    });
  }

  /** Whether anything ever came: an end before that says that streams do not get through to here. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Whether a stream for these names goes on delivering what comes next for those. */
  serves({ channels, groups }: Names): boolean {
    const { names } = this;
    return !this.#isOver && names.channels.join() === channels.join() && names.groups.join() === groups.join();
  }

  /** Ends it. @returns as a stream's end does. */
  close(): Promise<void> | undefined {
    const closing = this.#stream.close();
    this.#isOver = true;
    this.#wake();
    return closing;
  }

  /**
   * Waits for the next frame.
   *
   * @throws {TransportFailure} `network` when the stream has ended, `timeout` when it shows no life.
   */
  async next(): Promise<string> {
    const { configuration, timers } = this.#parts;
    const waits = [...(this.#hasSpoken ? [SILENCE_MS] : []), configuration.transactionalRequestTimeout];
    for (const waitMs of waits) {
      await this.#wokenWithin(waitMs, timers);
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.#isOver) throw new TransportFailure("network");
      this.#stream.send(SIGN_OF_LIFE);
    }
    throw new TransportFailure("timeout");
  }

  #wokenWithin(waitMs: number, timers: Timers): Promise<void> {
    if (this.#frames.length > 0 || this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const forget = timers.after(waitMs, resolve);
      this.#wake = () => {
        forget();
        resolve();
      };
    });
  }
}
