/**
 * One subscription over a connection that stays open: catches up from its cursor, then sends what matches as it comes.
 *
 * A reader that does not keep up is given nothing more than its buffer holds; when it has room again the stream catches up
 * from the queue, as a poll would, and nobody else waits for it. Called by the edge's SSE and WebSocket transports.
 * Rules: spec/STREAMS.md STR1-STR6.
 *
 * @module
 */
import { LIMITS, type Timetoken } from "@longwave/protocol";
import type { ReadRequest } from "../ports/broker.ts";
import { type SubscribeAnswer, answerOf, emptyAnswer, withGaps } from "./answer.ts";
import { type Backlog, type BacklogPorts, readBacklog } from "./backlog.ts";
import type { Delivery } from "./delivery.ts";
import { Gathered } from "./gathered.ts";
import { type GroupMembers, select } from "./group-members.ts";
import type { RecentPages } from "./recent-pages.ts";
import { type Selection, namesToRead } from "./selection.ts";
import type { SubscribeCommand } from "./subscribe.ts";
import type { Subscriber, SubscriberIndex } from "./subscriber-index.ts";

/** Why a stream ended, to whom it serves. */
export type StreamEnd = "draining" | "failed" | "denied";

/** Where a stream sends to: a connection. */
export interface StreamSink {
  /** Whether so much waits in its buffer that no more should be sent until {@link Stream.resume}. */
  readonly isFull: boolean;
  send(answer: SubscribeAnswer): void;
  /** Called once, when the network ends the stream; not when {@link Stream.close} does. */
  ended(reason: StreamEnd): void;
}

/** What streams need from the rest of the room. */
export interface StreamRoom {
  readonly ports: BacklogPorts;
  readonly groups: GroupMembers;
  readonly index: SubscriberIndex;
  readonly pages: RecentPages;
  /** Told how many matches were sent. */
  readonly delivered: (matches: number) => void;
  /** Told when a stream has ended, whoever ended it. */
  readonly closed: (stream: Stream) => void;
}

// reading: catching up, what comes meanwhile is gathered · live: sends what comes · full: the sink has no room
type State = "reading" | "live" | "full" | "ended";

/** An open stream. */
export class Stream implements Subscriber {
  readonly keyset: string;
  selection: Selection;
  after: Timetoken;
  readonly #room: StreamRoom;
  readonly #sink: StreamSink;
  #command: SubscribeCommand;
  #gathered: Gathered;
  #state: State = "reading";
  #run = 0; // counts beginnings, so that one that was overtaken by another stops
  #owesAnswer = true; // to whoever opened or changed it

  /** @param selection what the command comes to now; the stream is in the index from here to its end. */
  constructor(room: StreamRoom, command: SubscribeCommand, selection: Selection, sink: StreamSink) {
    this.#room = room;
    this.#command = command;
    this.#sink = sink;
    this.keyset = command.keyset;
    this.selection = selection;
    this.after = command.after;
    this.#gathered = new Gathered(selection);
    room.index.add(this);
  }

  /** Begins: sends what was missed, or an empty answer, then what comes. */
  start(): void {
    if (this.#state !== "ended") void this.#catchUp();
  }

  /** What it is subscribed to. */
  get command(): SubscribeCommand {
    return { ...this.#command, after: this.after };
  }

  offer(delivery: Delivery, requested: string): boolean {
    if (this.#state === "full" || this.#state === "ended") return false;
    if (this.#command.filter && !this.#command.filter(delivery)) return false;
    return this.#gathered.add(delivery, requested);
  }

  flush(): void {
    if (this.#state === "live" && !this.#gathered.isEmpty) this.#sendGathered();
  }

  groupChanged(): void {
    if (this.#state !== "ended") void this.#begin(this.command);
  }

  accessChanged(): void {
    if (this.#state !== "ended" && !this.#command.isStillAllowed()) this.end("denied");
  }

  /** The sink has room again. */
  resume(): void {
    if (this.#state === "full") void this.#catchUp();
  }

  /** Subscribes to something else, from the command's cursor on. It is answered at once, if need be by an empty answer. */
  change(command: SubscribeCommand): void {
    if (this.#state === "ended") return;
    this.#owesAnswer = true;
    void this.#begin(command);
  }

  /** Ends it: the connection is gone. */
  close(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#run += 1;
    this.#room.index.remove(this);
    this.#room.closed(this);
  }

  /** Ends it and tells the sink why. */
  end(reason: StreamEnd): void {
    if (this.#state === "ended") return;
    this.close();
    this.#sink.ended(reason);
  }

  // What comes while the members are asked for is after the cursor, and read again.
  async #begin(command: SubscribeCommand): Promise<void> {
    const run = ++this.#run;
    this.#state = "reading";
    try {
      const selection = await select(this.#room.groups, command);
      if (run !== this.#run) return;
      this.#room.index.remove(this);
      this.#command = command;
      this.selection = selection;
      this.after = command.after;
      this.#room.index.add(this);
      await this.#catchUp();
    } catch {
      if (run === this.#run) this.end("failed");
    }
  }

  // The stream is in the index all the while, so nothing falls between its backlog and what comes.
  async #catchUp(): Promise<void> {
    const run = ++this.#run;
    this.#state = "reading";
    this.#gathered = new Gathered(this.selection);
    try {
      while (run === this.#run) {
        if (this.#sink.isFull) return this.#stall();
        const request = this.#request();
        const backlog = await readBacklog(this.#room.ports, request);
        if (run !== this.#run) return undefined;
        if (!this.#sendBacklog(request, backlog)) return this.#goLive();
      }
    } catch {
      if (run === this.#run) this.end("failed");
    }
    return undefined;
  }

  #request(): ReadRequest {
    const { keyset, after } = this;
    return { keyset, names: namesToRead(this.selection), after, messagesMax: LIMITS.answerMessagesMax };
  }

  // Sends a page of what was missed; whether there may be more.
  #sendBacklog(request: ReadRequest, { messages, gaps, reached, isFull }: Backlog): boolean {
    const wanted = { selection: this.selection, filter: this.#command.filter };
    const matches = this.#room.pages.matchesOf(request, messages, wanted);
    const told = this.#command.tellsGaps ? gaps : [];
    if (matches.length === 0 && told.length === 0) {
      this.after = reached;
      return isFull;
    }
    const answer = answerOf(matches, reached);
    const isCut = answer.matches.length < matches.length;
    this.#gathered.take(); // it is after the page, and read again with the next
    this.#send(withGaps(answer, told, isCut || isFull));
    return true;
  }

  #goLive(): undefined {
    this.#state = "live";
    if (!this.#gathered.isEmpty) this.#sendGathered();
    else if (this.#owesAnswer) this.#send(emptyAnswer(this.after));
    return undefined;
  }

  #sendGathered(): void {
    if (this.#sink.isFull) {
      this.#stall();
      return;
    }
    const { isOverflown } = this.#gathered;
    const matches = this.#gathered.take();
    const answer = answerOf(matches, this.after);
    this.#send(answer);
    if (isOverflown || answer.matches.length < matches.length) void this.#catchUp();
  }

  #stall(): undefined {
    this.#state = "full";
    this.#gathered.take();
    return undefined;
  }

  #send(answer: SubscribeAnswer): void {
    this.#owesAnswer = false;
    this.after = answer.cursor;
    this.#room.delivered(answer.matches.length);
    this.#sink.send(answer);
  }
}
