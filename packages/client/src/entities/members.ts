/**
 * Who wants which names: the client itself, and each subscription object. A name is subscribed while somebody wants it.
 *
 * Rules: spec/SDK.md SDK44.
 *
 * @module
 */
import type { Told } from "../events.ts";
import { type Names, NO_NAMES, difference, union } from "../subscription/names.ts";

/** A subscription object, as far as the client knows it. */
export interface Member {
  readonly names: Names;
  /** Takes an event that came under a subscribed name. */
  offer(match: string, told: Told): void;
  /** The client has ended it. */
  ended(): void;
}

/** The subscription objects of one client that are subscribed, and what the client itself wants. */
export class Members {
  readonly #members = new Set<Member>();
  #own: Names = NO_NAMES;

  /** The client itself wants names as well. */
  want(names: Names): void {
    this.#own = union(this.#own, names);
  }

  /** The client itself no longer wants names. @returns those that nobody else wants. */
  unwant(names: Names): Names {
    this.#own = difference(this.#own, names);
    return difference(names, this.#wanted());
  }

  /** A subscription object wants its names. */
  add(member: Member): void {
    this.#members.add(member);
  }

  /** A subscription object is done. @returns those of some names that nobody wants. */
  remove(member: Member, names: Names): Names {
    this.#members.delete(member);
    return difference(names, this.#wanted());
  }

  /** Nobody wants anything any more. */
  clear(): void {
    this.#own = NO_NAMES;
    const members = Array.from(this.#members);
    this.#members.clear();
    for (const member of members) member.ended();
  }

  /** Hands an event to those who want it. */
  offer(match: string, told: Told): void {
    for (const member of Array.from(this.#members)) {
      if (this.#members.has(member)) member.offer(match, told);
    }
  }

  #wanted(): Names {
    return Array.from(this.#members).reduce((names, member) => union(names, member.names), this.#own);
  }
}
