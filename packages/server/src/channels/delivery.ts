/**
 * A message on its way out: written once, however many subscribers it goes to.
 *
 * Not thread-safe data but a node's own view of one message; made when the first subscriber needs it.
 * Rules: spec/SUBSCRIBE.md SUB12-SUB14.
 *
 * @module
 */
import {
  type Filterable,
  LIMITS,
  type Predicate,
  type Timetoken,
  closeEnvelope,
  openEnvelope,
  printSubscribeAnswer,
} from "@longwave/protocol";
import type { Message } from "../ports/message.ts";
import { EncodedBody } from "./encoded-body.ts";
import { type Selection, namesItsMatches, requestedAs } from "./selection.ts";

/** One message, and what has been made of it so far. */
export class Delivery implements Filterable {
  readonly message: Message;
  #meta: { readonly value: unknown } | undefined;
  #data: { readonly value: unknown } | undefined;
  #opened: string | undefined;
  #answers: Map<string | undefined, EncodedBody> | undefined;
  #many: { readonly matches: readonly Match[]; readonly body: EncodedBody } | undefined;

  constructor(message: Message) {
    this.message = message;
  }

  /** The meta as a value, for filters: parsed when the first one asks. */
  get meta(): unknown {
    this.#meta ??= { value: this.message.meta === undefined ? undefined : JSON.parse(this.message.meta) };
    return this.#meta.value;
  }

  /** The payload as a value, for filters: parsed when the first one asks. */
  get data(): unknown {
    this.#data ??= { value: JSON.parse(this.message.payload) };
    return this.#data.value;
  }

  /** The envelope for subscribers that asked for it by `matched`. */
  envelope(matched: string | undefined): string {
    this.#opened ??= openEnvelope(this.message.keyset, this.message.timetoken, this.message);
    return closeEnvelope(this.#opened, matched);
  }

  /**
   * The whole answer for those who get these messages, of which this one is the first: made once as long as everybody
   * gets the same.
   *
   * @param print writes it.
   */
  answerOfMany(matches: readonly Match[], print: () => string): EncodedBody {
    if (!this.#many || !areSame(this.#many.matches, matches)) this.#many = { matches, body: new EncodedBody(print()) };
    return this.#many.body;
  }

  /** The whole answer for polls that get this one message: made once for each matched name. */
  answer(matched: string | undefined): EncodedBody {
    this.#answers ??= new Map();
    let answer = this.#answers.get(matched);
    if (!answer) {
      answer = new EncodedBody(printSubscribeAnswer(this.message.timetoken, [this.envelope(matched)]));
      this.#answers.set(matched, answer);
    }
    return answer;
  }
}

/** A delivery to one subscriber: a message goes once for each requested name that it matches. */
export interface Match {
  readonly delivery: Delivery;
  /** The requested name to report, or nothing where it is the channel itself and nothing else was asked for. */
  readonly matched: string | undefined;
}

/**
 * Every way in which messages match what was asked for.
 *
 * @param all in timetoken order, each matching at least one of the names.
 * @param filter messages that it does not pass are left out.
 * @returns in timetoken order; for one message the channel itself first, then wildcards, shortest first, then groups.
 */
export function matchesOf(all: readonly Delivery[], selection: Selection, filter?: Predicate): readonly Match[] {
  const deliveries = filter ? all.filter(filter) : all;
  const isNamed = namesItsMatches(selection);
  const requested = new Set(selection.names.map(({ name }) => name));
  return deliveries.flatMap((delivery) =>
    requestedAs(selection, requested, delivery.message.channel).map((name) => matchBy(delivery, name, isNamed)),
  );
}

function areSame(some: readonly Match[], others: readonly Match[]): boolean {
  if (some === others) return true;
  return some.length === others.length && some.every((match, at) => isSame(match, others[at]));
}

function isSame({ delivery, matched }: Match, other: Match | undefined): boolean {
  return delivery === other?.delivery && matched === other.matched;
}

/** A delivery by one of the requested names. @param isNamed whether it is named even where it is the channel itself. */
export function matchBy(delivery: Delivery, requested: string, isNamed: boolean): Match {
  return { delivery, matched: isNamed || requested !== delivery.message.channel ? requested : undefined };
}

/**
 * The matches that one answer may carry: the oldest, at most 100 messages and 4 MiB, never half of a message's matches.
 *
 * @param matches at least one, in timetoken order.
 */
export function cutAnswer(matches: readonly Match[]): readonly Match[] {
  if (matches.length <= 1) return matches;
  let messages = 0;
  let bytes = 0;
  let previous: Delivery | undefined;
  for (const [at, { delivery }] of matches.entries()) {
    bytes += delivery.message.payload.length;
    if (delivery === previous) continue;
    previous = delivery;
    messages += 1;
    const isOver = messages > LIMITS.answerMessagesMax || bytes > LIMITS.answerBytesMax;
    if (isOver && at > 0) return matches.slice(0, at);
  }
  return matches;
}

/** The cursor after an answer: the timetoken of its last message. */
export function cursorAfter(matches: readonly Match[], otherwise: Timetoken): Timetoken {
  return matches.at(-1)?.delivery.message.timetoken ?? otherwise;
}
