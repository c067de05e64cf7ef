/**
 * One long poll over HTTP, from its command to its answer.
 *
 * Thousands of them are held at a time, and each message ends as many: so one object is what is kept of a poll, with
 * nothing of its request but the runtime's own. Rules: spec/SUBSCRIBE.md, spec/PRESENCE.md PRE70-PRE73.
 *
 * @module
 */
import type { Keyset } from "../access/keysets.ts";
import type { SubscribeAnswer } from "../channels/answer.ts";
import type { EncodedBody } from "../channels/encoded-body.ts";
import type { PollClient, SubscribeCommand, SubscribeOutcome } from "../channels/subscribe.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { answerBody } from "./answers.ts";
import { type Attendance, attendanceOf } from "./attendance.ts";
import { type Answer, type Connections, type Exchange, keysetOf } from "./exchange.ts";
import type { Claim } from "./permit.ts";
import type { Services } from "./services.ts";
import { refusalOf, refusalOfHeld } from "./subscribe-exchange.ts";

/** How a poll's answer looks. */
export interface PollForm {
  readonly callback: string | undefined;
  readonly print: (command: SubscribeCommand, answer: SubscribeAnswer) => EncodedBody;
}

/** What a poll asks for, and by what right. */
export interface PollAsked {
  readonly claim: Claim;
  readonly command: SubscribeCommand;
}

/**
 * Answers a poll: a handshake at once, another when there is something for it.
 *
 * @throws {NetworkError} the refusal.
 */
export function answerPoll(
  services: Services,
  exchange: Exchange,
  asked: PollAsked,
  form: PollForm,
): MaybePromise<Answer> {
  const poll = new Poll(services, exchange, asked, form);
  return asked.command.after === 0n ? poll.shakeHands() : poll.wait();
}

// Nobody reads it: the connection is closed already.
const answerNobody = (): Response => new Response(null, { status: 499 });

class Poll implements PollClient {
  readonly #services: Services;
  readonly #request: Request;
  readonly #connections: Connections;
  readonly #keyset: Keyset;
  readonly #claim: Claim;
  readonly #command: SubscribeCommand;
  readonly #attendance: Attendance | undefined;
  readonly #form: PollForm;
  #isHeld = false;

  constructor(services: Services, exchange: Exchange, { claim, command }: PollAsked, form: PollForm) {
    this.#services = services;
    this.#request = exchange.request;
    this.#connections = exchange.connections;
    this.#keyset = keysetOf(exchange);
    this.#claim = claim;
    this.#command = command;
    this.#attendance = attendanceOf(services, exchange, claim);
    this.#form = form;
  }

  // It shows behind its cursor, so that a subscriber is told of its own join.
  shakeHands(): MaybePromise<Answer> {
    return after(this.#subscribe(), (outcome) => {
      if (outcome.kind === "gone") return answerNobody();
      const answer = this.#answerOf(outcome);
      return after(this.#show(), () => this.#print(answer));
    });
  }

  // Nothing waits where nothing has to be waited for: each promise is a turn, for every subscriber of every message.
  wait(): MaybePromise<Answer> {
    this.#services.admission.hold(this.#claim, this.#keyset.heldPollsPerUuidMax);
    const outcome = this.#begin();
    return outcome instanceof Promise ? this.#afterwards(outcome) : this.#ended(outcome);
  }

  get isGone(): boolean {
    return this.#request.signal.aborted;
  }

  held(): void {
    this.#isHeld = true;
    this.#connections.setHeld(this.#request, true);
  }

  #begin(): MaybePromise<SubscribeOutcome> {
    try {
      return after(this.#show(), () => this.#subscribe());
    } catch (failure) {
      return this.#failed(failure);
    }
  }

  #subscribe(): MaybePromise<SubscribeOutcome> {
    const { subscriptions, traced } = this.#services;
    return traced("longwave.subscribe", () => subscriptions.subscribe(this.#command, this));
  }

  #show(): MaybePromise<unknown> {
    return this.#attendance?.show(this.#command);
  }

  #afterwards(outcome: Promise<SubscribeOutcome>): Promise<Answer> {
    return outcome.then(
      (ended) => this.#ended(ended),
      (failure: unknown) => this.#failed(failure),
    );
  }

  #ended(outcome: SubscribeOutcome): MaybePromise<Answer> {
    this.#services.admission.letGo(this.#claim);
    const isGone = outcome.kind === "gone" || (this.#keyset.presenceLeaveOnDisconnect && this.isGone);
    if (isGone) return after(this.#attendance?.end(this.#command), answerNobody);
    if (this.#isHeld) this.#connections.setHeld(this.#request, false);
    return this.#print(this.#answerOf(outcome));
  }

  #failed(failure: unknown): never {
    this.#services.admission.letGo(this.#claim);
    throw failure;
  }

  #print(answer: SubscribeAnswer): Answer {
    const { callback, print } = this.#form;
    return answerBody(print(this.#command, answer), { callback, request: this.#request });
  }

  #answerOf(outcome: Exclude<SubscribeOutcome, { readonly kind: "gone" }>): SubscribeAnswer {
    if (outcome.kind === "answer") return outcome.answer;
    throw outcome.kind === "denied" ? refusalOfHeld(this.#services, this.#claim, this.#command) : refusalOf(outcome);
  }
}
