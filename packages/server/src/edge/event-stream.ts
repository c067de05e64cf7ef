/**
 * A subscription as Server-Sent Events: each event's data is one subscribe answer, its id the cursor behind it.
 *
 * `EventSource` and `curl -N` read it as it is. Rules: spec/STREAMS.md STR10-STR14.
 *
 * @module
 */
import { printTimetoken } from "@longwave/protocol";
import { type SubscribeAnswer, printAnswer } from "../channels/answer.ts";
import type { Stream, StreamSink } from "../channels/stream.ts";
import type { SubscribeCommand } from "../channels/subscribe.ts";
import { attendanceOf } from "./attendance.ts";
import { type Answer, type Exchange, keysetOf } from "./exchange.ts";
import type { Beating, KeepAlive } from "./keep-alive.ts";
import { claimOf } from "./permit.ts";
import type { Services } from "./services.ts";
import { capabilitiesFor, commandOf, refusalOf } from "./subscribe-exchange.ts";

const HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-cache",
  "Access-Control-Allow-Origin": "*",
  "X-Accel-Buffering": "no", // proxies that gather answers would hold the events back
};

/**
 * Answers a subscribe request with an event stream.
 *
 * @throws {NetworkError} what a poll would be refused with.
 */
export async function answerEventStream(services: Services, exchange: Exchange): Promise<Answer> {
  const { request, connections } = exchange;
  const last = request.headers.get("last-event-id"); // an EventSource that comes back repeats its address, and adds this
  const claim = claimOf(exchange);
  const command = commandOf(services, exchange, claim, last === null || last === "" ? undefined : last);
  const attendance = attendanceOf(services, exchange, claim);
  services.admission.hold(claim, keysetOf(exchange).heldPollsPerUuidMax);
  const release = once(() => services.admission.letGo(claim));
  const events = new EventStream(services.keepAlive, command, {
    finished: release,
    boundSilence: () => connections.setHeld(request, false),
    alive: () => void attendance?.show(command),
    gone: () => void attendance?.end(command),
  });
  request.signal.addEventListener("abort", release, { once: true });
  const outcome = await services.subscriptions.open(command, events);
  if (outcome.kind !== "open") release();
  if (outcome.kind !== "open") throw refusalOf(outcome);
  await attendance?.show(command);
  connections.setHeld(request, true);
  request.signal.addEventListener("abort", () => events.close(), { once: true });
  const body = events.body(outcome.stream);
  if (request.signal.aborted) events.close();
  return new Response(body, { headers: HEADERS });
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}

/** What the runtime gives a stream that writes straight to its connection. */
interface DirectController {
  /** Bytes written, or a promise that resolves when a connection that is full has room again. */
  write(text: string): number | Promise<number>;
  flush(): unknown;
  end(): unknown;
}

/** What else an event stream has to do with. */
interface EventStreamHooks {
  /** Lets the connection be closed when nothing moves on it any more. */
  readonly boundSilence: () => void;
  /** It holds nothing any more. */
  readonly finished: () => void;
  /** A sign of life has been written. */
  readonly alive: () => void;
  /** The client has gone, or takes nothing any more. */
  readonly gone: () => void;
}

class EventStream implements StreamSink, Beating {
  readonly #keepAlive: KeepAlive;
  readonly #done = Promise.withResolvers<void>();
  readonly #hooks: EventStreamHooks;
  #extras: string; // of the first answer
  #controller: DirectController | undefined;
  #stream: Stream | undefined;
  #isFull = false;
  #isEnded = false; // possibly before the runtime has asked for the body

  constructor(keepAlive: KeepAlive, command: SubscribeCommand, hooks: EventStreamHooks) {
    this.#keepAlive = keepAlive;
    this.#hooks = hooks;
    this.#extras = capabilitiesFor(command);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** The response's body; the subscription begins when the runtime asks for it. */
  body(stream: Stream): ReadableStream {
    this.#stream = stream;
    const pull = async (controller: DirectController): Promise<void> => {
      if (this.#isEnded) return;
      this.#controller = controller;
      this.#write("retry: 1000\n\n");
      this.#keepAlive.add(this);
      stream.start();
      await this.#done.promise;
    };
    // The runtime's own kind of stream, which the standard's types do not know: it writes without a queue in between.
    return new ReadableStream({
      type: "direct",
      pull,
      cancel: () => this.close(),
    } as unknown as UnderlyingDefaultSource);
  }

  send(answer: SubscribeAnswer): void {
    const { text } = printAnswer(answer, this.#extras);
    this.#extras = "";
    this.#write(`id: ${printTimetoken(answer.cursor)}\ndata: ${text}\n\n`);
    this.#keepAlive.beaten(this);
  }

  ended(): void {
    this.#finish();
  }

  beat(): void {
    if (this.#isFull) return;
    this.#write(":\n\n");
    this.#hooks.alive();
  }

  /** Ends the subscription: the connection is gone, or does not take anything any more. */
  close(): void {
    if (this.#isEnded) return;
    this.#finish();
    this.#stream?.close();
    this.#hooks.gone();
  }

  #finish(): void {
    this.#isEnded = true;
    this.#keepAlive.delete(this);
    if (this.#controller) this.#hooks.boundSilence();
    this.#controller?.end();
    this.#controller = undefined;
    this.#hooks.finished();
    this.#done.resolve();
  }

  #write(text: string): void {
    const written = this.#controller?.write(text);
    this.#controller?.flush();
    if (!(written instanceof Promise)) return;
    this.#isFull = true;
    const resume = (): void => {
      this.#isFull = false;
      this.#keepAlive.beaten(this);
      this.#stream?.resume();
    };
    written.then(resume, () => this.close());
  }
}
