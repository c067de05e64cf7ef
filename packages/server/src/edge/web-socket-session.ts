/**
 * One WebSocket: sends what its stream gives it, and takes the client's frames one after another.
 *
 * Rules: spec/STREAMS.md STR20-STR27.
 *
 * @module
 */
import { LIMITS, NetworkError, statusOf } from "@longwave/protocol";
import type { NamedResource } from "../access/authorise.ts";
import type { Keyset } from "../access/keysets.ts";
import { type SubscribeAnswer, printAnswer } from "../channels/answer.ts";
import type { Stream, StreamEnd, StreamSink } from "../channels/stream.ts";
import type { Attendance } from "./attendance.ts";
import {
  type Frame,
  type PublishFrame,
  type SubscribeFrame,
  parseFrame,
  readPublishFrame,
  readSubscribeFrame,
} from "./frames.ts";
import { type Claim, countFrame, permitFurther } from "./permit.ts";
import { accept, printSent } from "./publish-handlers.ts";
import { readPublishRequest } from "./publish-request.ts";
import { refusalOfFailure } from "./refusal.ts";
import type { Services } from "./services.ts";
import { isOpen, judgeOf, readsOf, refusalOfHeld } from "./subscribe-exchange.ts";
import { readFilter } from "./subscribe-request.ts";

/** A WebSocket as far as a session uses it. */
export interface Socket {
  send(text: string): unknown;
  /** Bytes that were sent and have not left. */
  getBufferedAmount(): number;
  close(code: number, reason: string): void;
}

/** For whom a session is. */
export interface SessionSettings {
  readonly keyset: Keyset;
  /** Of the request that opened it: its credentials count for its frames, its uuid is the client's. */
  readonly claim: Claim;
  /** Members of the first answer, as text. */
  readonly extras: string;
  /** Of its uuid; nothing where it has none. */
  readonly attendance: Attendance | undefined;
}

const POLICY_VIOLATION = 1008;
const CLOSINGS: Readonly<Record<StreamEnd, readonly [code: number, reason: string]>> = {
  draining: [1001, "Going Away"],
  failed: [1011, "Internal Error"],
  denied: [POLICY_VIOLATION, "Forbidden"],
};

/** One open WebSocket. */
export class WebSocketSession implements StreamSink {
  readonly #services: Services;
  readonly #settings: SessionSettings;
  #extras: string;
  #stream: Stream | undefined;
  #socket: Socket | undefined;
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isEnded = false; // by the network, not by the client

  constructor(services: Services, settings: SessionSettings) {
    this.#services = services;
    this.#settings = settings;
    this.#extras = settings.extras;
  }

  /** Gives it the stream that it serves. */
  attach(stream: Stream): void {
    this.#stream = stream;
  }

  /** The connection is a WebSocket now. */
  opened(socket: Socket): void {
    this.#socket = socket;
    this.#stream?.start();
  }

  /** The client has sent a frame. Frames are answered in the order in which they came. */
  received(text: string | Uint8Array): void {
    if (this.#waiting >= LIMITS.waitingFramesMax) {
      this.#socket?.close(POLICY_VIOLATION, "Too Many Frames");
      return;
    }
    this.#waiting += 1;
    this.#turn = this.#takeAfter(this.#turn, text);
  }

  /** The connection has room again. */
  drained(): void {
    this.#stream?.resume();
  }

  /** The client has answered a ping. */
  alive(): void {
    if (this.#stream) void this.#settings.attendance?.show(this.#stream.command);
  }

  /** The connection is gone. */
  closed(): void {
    const stream = this.#stream;
    this.#socket = undefined;
    this.abandoned();
    if (stream && !this.#isEnded) void this.#settings.attendance?.end(stream.command);
  }

  /** Nobody is served by it any more, or it could not begin. */
  abandoned(): void {
    this.#services.admission.letGo(this.#settings.claim);
    this.#stream?.close();
  }

  get isFull(): boolean {
    return this.#socket === undefined || this.#socket.getBufferedAmount() > LIMITS.streamBufferBytesMax;
  }

  send(answer: SubscribeAnswer): void {
    const extras = this.#extras;
    this.#extras = "";
    this.#socket?.send(printAnswer(answer, extras).text);
  }

  ended(reason: StreamEnd): void {
    const [code, text] = CLOSINGS[reason];
    if (reason === "denied" && this.#stream) {
      const { claim } = this.#settings;
      this.#refuse("subscribe", refusalOfHeld(this.#services, claim, this.#stream.command)); // as a poll is told
    }
    this.#socket?.close(code, text);
    this.#isEnded = true;
  }

  async #takeAfter(previous: Promise<void>, text: string | Uint8Array): Promise<void> {
    await previous;
    await this.#services.turns.take(this.#settings.keyset.subscribeKey, () => this.#take(text));
    this.#waiting -= 1;
  }

  async #take(text: string | Uint8Array): Promise<void> {
    let kind: Frame["kind"] | "error" = "error";
    const refusal = this.#count(); // first, so that frames which cannot be read count too
    try {
      const frame = parseFrame(text);
      ({ kind } = frame);
      if (refusal) throw refusal;
      if (kind === "publish") await this.#publish(readPublishFrame(frame.members));
      else await this.#subscribe(readSubscribeFrame(frame.members));
    } catch (failure) {
      this.#refuse(kind, failure);
    }
  }

  #refuse(kind: Frame["kind"] | "error", failure: unknown): void {
    const { error, body } = refusalOfFailure(this.#services, failure, { method: "WebSocket", path: `/${kind}` });
    this.#socket?.send(`{"${kind}":${body},"status":${statusOf(error)}}`);
  }

  #count(): NetworkError | undefined {
    try {
      countFrame(this.#services, this.#settings.claim);
      return undefined;
    } catch (refusal) {
      if (refusal instanceof NetworkError) return refusal;
      throw refusal;
    }
  }

  async #publish({ publishKey, channel, payload, member }: PublishFrame): Promise<void> {
    const { keyset, claim } = this.#settings;
    this.#permit([{ kind: "channel", permission: "write", name: channel }]);
    const parameters = { get: (name: string) => (name === "uuid" ? claim.uuid : member(name)) };
    const route = "publishBody";
    const command = readPublishRequest({ route, keyset, publishKey, channel, parameters, payload });
    const timetoken = await accept(this.#services, route, command);
    this.#socket?.send(`{"publish":${printSent(timetoken)}}`);
  }

  // What a frame leaves out stays as it is.
  async #subscribe(frame: SubscribeFrame): Promise<void> {
    const stream = this.#stream;
    if (!stream) return;
    const { command } = stream;
    const names = frame.names ?? command.names;
    const groups = frame.groups ?? command.groups;
    if (names.length === 0 && groups.length === 0) throw new NetworkError("subscribeEmpty");
    const { keyset, claim } = this.#settings;
    const filter =
      frame.filter === undefined ? command.filter : readFilter(keyset, frame.filter, this.#services.filters);
    this.#permit(readsOf({ names, groups }));
    const isStillAllowed = judgeOf(this.#services, claim, { names, groups });
    const wanted = { ...command, names, groups, filter, isStillAllowed, after: frame.after ?? command.after };
    const after = await this.#services.subscriptions.cursorOf(wanted);
    await this.#settings.attendance?.show(wanted);
    stream.change({ ...wanted, after });
  }

  #permit(resources: readonly NamedResource[]): void {
    const { claim } = this.#settings;
    if (!isOpen(this.#services, claim)) permitFurther(this.#services, claim, resources);
  }
}
