/**
 * What a subscriber missed: the broker's memory, and the store for what has left it and is still young.
 *
 * What neither has is told as gaps. Rules: spec/SUBSCRIBE.md SUB5-SUB7, SUB20.
 *
 * @module
 */
import { LIMITS, type Timetoken, timetokenFromMs } from "@longwave/protocol";
import type { Broker, ReadAnswer, ReadRequest, Shortfall } from "../ports/broker.ts";
import type { Clock } from "../ports/clock.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import { type Message, isExpired } from "../ports/message.ts";
import type { MessageStore } from "../ports/message-store.ts";

/** What reading a backlog needs from outside. */
export interface BacklogPorts {
  readonly broker: Broker;
  readonly messages: MessageStore;
  readonly clock: Clock;
}

/** Messages that may have been and cannot be delivered any more: after `from`, up to and with `to`. */
export interface Gap {
  /** The requested name, or a member of a requested group; `*` for all of them together. */
  readonly channel: string;
  readonly from: Timetoken;
  readonly to: Timetoken;
}

/** A page of what was missed. */
export interface Backlog {
  /** The oldest that have not expired, each once, in timetoken order. */
  readonly messages: readonly Message[];
  readonly gaps: readonly Gap[];
  /** The last instant that was looked at. */
  readonly reached: Timetoken;
  /** Whether there may be more behind it. */
  readonly isFull: boolean;
}

/** The oldest matching messages after a cursor, at most `request.messagesMax`, and the gaps among them. */
export function readBacklog(ports: BacklogPorts, request: ReadRequest): MaybePromise<Backlog> {
  return after(ports.broker.read(request), (live) =>
    live.shortfalls.length === 0 ? pageOf(ports, request, live.messages, NO_GAPS) : readBeyond(ports, request, live),
  );
}

async function readBeyond(ports: BacklogPorts, request: ReadRequest, live: ReadAnswer): Promise<Backlog> {
  const oldest = ports.messages.agedThrough;
  const from = later(request.after, oldest);
  const { keyset, messagesMax } = request;
  const reachable = live.shortfalls.filter(({ through }) => through > from);
  const stored = await Promise.all(
    reachable.map(({ name, through }) => ports.messages.read({ keyset, name, after: from, through, messagesMax })),
  );
  const messages = oldestOf([...stored.flat(), ...live.messages], messagesMax);
  // A full page ends at its last message: what is missing behind it is told with the next one.
  const through = messages.length < messagesMax ? undefined : messages.at(-1)?.timetoken;
  return pageOf(ports, request, messages, gapsOf(live.shortfalls, request.after, oldest, through));
}

// Memory still holds messages whose own time is over; they are as invisible here as in history.
function pageOf(
  { clock }: BacklogPorts,
  request: ReadRequest,
  found: readonly Message[],
  gaps: readonly Gap[],
): Backlog {
  return {
    messages: found.length === 0 ? found : unexpired(found, timetokenFromMs(clock.wallMs())),
    gaps,
    reached: found.at(-1)?.timetoken ?? request.after,
    isFull: found.length === request.messagesMax,
  };
}

function unexpired(found: readonly Message[], now: Timetoken): readonly Message[] {
  const isAnyExpired = found.some((message) => isExpired(message, now));
  return isAnyExpired ? found.filter((message) => !isExpired(message, now)) : found;
}

const NO_GAPS: readonly Gap[] = Object.freeze([]);

// What has outlived the window is not delivered, wherever it is kept; what is younger only where it is kept nowhere.
function gapsOf(
  shortfalls: readonly Shortfall[],
  from: Timetoken,
  oldest: Timetoken,
  through: Timetoken | undefined,
): readonly Gap[] {
  const gaps = shortfalls.flatMap((shortfall) => {
    const aged = shortfall.through < oldest ? shortfall.through : oldest;
    const lost = later(shortfall.lost, aged);
    const to = through !== undefined && through < lost ? through : lost;
    return to > from ? [{ channel: shortfall.name.name, from, to }] : [];
  });
  if (gaps.length <= LIMITS.gapsPerAnswerMax) return gaps;
  return [{ channel: "*", from, to: gaps.reduce((latest, { to }) => later(latest, to), from) }];
}

function later(one: Timetoken, other: Timetoken): Timetoken {
  return one > other ? one : other;
}

// Names may overlap (a channel and a wildcard over it), so the same message may have been found twice.
function oldestOf(messages: readonly Message[], messagesMax: number): readonly Message[] {
  const distinct = new Map(messages.map((message) => [message.timetoken, message]));
  const ordered = [...distinct.values()].toSorted((one, other) => (one.timetoken < other.timetoken ? -1 : 1));
  return ordered.slice(0, messagesMax);
}
