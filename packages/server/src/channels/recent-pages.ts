/**
 * Pages of the past that were read a moment ago: those who come back together missed the same messages, and what is made of
 * them for the first one (envelopes, parsed payloads, the whole body) serves the others.
 *
 * Keeps nothing fresh: every poll reads its page from the queue, and only what has been made of exactly these messages is
 * taken from here. Bounded by a number of characters in each of two generations, which {@link RecentPages.turn} ages.
 *
 * @module
 */
import { LIMITS, type Predicate } from "@longwave/protocol";
import type { ReadRequest } from "../ports/broker.ts";
import type { Message } from "../ports/message.ts";
import { Delivery, type Match, matchesOf } from "./delivery.ts";
import type { Selection } from "./selection.ts";

/** Roughly what an envelope and an answer hold beside the payload, in characters. */
const CHARACTERS_BESIDE = 400;

/** Messages that were read together, and what has been made of them. */
interface Page {
  readonly messages: readonly Message[];
  readonly deliveries: readonly Delivery[];
  /** Those for a subscriber that asked for the page's one name without a filter. */
  plain?: readonly Match[];
}

/** The pages that one node's subscribers read lately. */
export class RecentPages {
  #young = new Map<string, Page>();
  #old = new Map<string, Page>();
  #characters = 0;

  /** Every way in which a page matches what was asked for. @param messages what was read. */
  matchesOf(request: ReadRequest, messages: readonly Message[], wanted: Wanted): readonly Match[] {
    const page = this.#pageOf(request, messages);
    const { selection, filter } = wanted;
    if (filter || selection.groups.length > 0 || selection.names.length > 1) {
      return matchesOf(page.deliveries, selection, filter);
    }
    page.plain ??= matchesOf(page.deliveries, selection);
    return page.plain;
  }

  /** Forgets what nobody has asked for since the last time but one. */
  turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#characters = 0;
  }

  // Whoever reads several names is alone with them often enough.
  #pageOf({ keyset, names }: ReadRequest, messages: readonly Message[]): Page {
    const [first] = messages;
    const [only] = names;
    if (!first || !only || names.length > 1) return newPage(messages);
    const key = `${keyset} ${first.timetoken} ${only.name}`;
    const known = this.#young.get(key) ?? this.#old.get(key);
    if (known && isSame(known.messages, messages)) return known;
    const page = newPage(messages);
    this.#characters += messages.reduce((sum, { payload }) => sum + payload.length + CHARACTERS_BESIDE, 0);
    if (this.#characters > LIMITS.recentPagesCharactersMax) this.turn();
    this.#young.set(key, page);
    return page;
  }
}

/** What a subscriber wants of a page. */
export interface Wanted {
  readonly selection: Selection;
  readonly filter?: Predicate | undefined;
}

function newPage(messages: readonly Message[]): Page {
  return { messages, deliveries: messages.map((message) => new Delivery(message)) };
}

// The same objects: a message that was deleted, or has expired, or was read from the store makes another page.
function isSame(some: readonly Message[], others: readonly Message[]): boolean {
  return some.length === others.length && some.every((message, at) => message === others[at]);
}
