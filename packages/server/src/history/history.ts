/**
 * Message persistence as a service: pages of the past, counts, deletion.
 *
 * Not the store, which keeps and finds; not the wire, whose forms the edge reads and writes. Called by the edge.
 * Rules: spec/HISTORY.md.
 *
 * @module
 */
import { LIMITS, type Timetoken } from "@longwave/protocol";
import type { Action, ActionsReader } from "../ports/action-store.ts";
import type { Broker } from "../ports/broker.ts";
import { type Message, weightOf } from "../ports/message.ts";
import type { DeleteOutcome, MessageStore } from "../ports/message-store.ts";

import { type Bounds, type ScannedRange, rangeOf } from "./range.ts";

/** What history needs from outside. */
export interface HistoryPorts {
  readonly messages: MessageStore;
  readonly broker: Broker;
}

/** A request for pages whose every part has been checked. */
export interface PagesCommand {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  /** Without repetition. */
  readonly channels: readonly string[];
  readonly range: ScannedRange;
  /** For each channel. */
  readonly messagesMax: number;
}

/** A page for each channel. */
export interface Pages {
  /** In the order of the request, each ascending; channels with nothing in range are absent. */
  readonly messages: ReadonlyMap<string, readonly Message[]>;
  /** Channels of which less was taken than was asked for, because the answer is full. */
  readonly cut: readonly string[];
}

// Reading holds the thread: between so many channels others get their turn.
const CHANNELS_PER_TURN = 16;

/** Reads a page of each channel, as much as one answer may hold. */
export async function readPages({ messages: store }: HistoryPorts, command: PagesCommand): Promise<Pages> {
  const { keyset, channels, range, messagesMax } = command;
  const messages = new Map<string, readonly Message[]>();
  const cut: string[] = [];
  let bytesMax: number = LIMITS.historyAnswerBytesMax;
  for (const [at, channel] of channels.entries()) {
    if (at % CHANNELS_PER_TURN === CHANNELS_PER_TURN - 1) await new Promise<void>((resolve) => setImmediate(resolve));
    if (bytesMax <= 0) {
      cut.push(channel);
      continue;
    }
    const page = await store.readPage({ keyset, channel, ...range, messagesMax, bytesMax });
    if (page.isCut) cut.push(channel);
    if (page.messages.length > 0) messages.set(channel, page.messages);
    bytesMax -= page.messages.reduce((bytes, message) => bytes + weightOf(message), 0);
  }
  return { messages, cut };
}

/** A page of one channel with the actions of its messages. */
export interface PageWithActions {
  readonly messages: readonly Message[];
  readonly actions: ReadonlyMap<Timetoken, readonly Action[]>;
  readonly isCut: boolean;
}

/**
 * Reads a page of one channel and what was added to its messages.
 *
 * @returns whole messages only: one whose actions would make the answer too large comes with the next page.
 */
export async function readPageWithActions(
  ports: HistoryPorts,
  actions: ActionsReader,
  command: PagesCommand,
): Promise<PageWithActions> {
  const [channel = ""] = command.channels;
  const { messages, cut } = await readPages(ports, command);
  const page = messages.get(channel) ?? [];
  const [oldest, newest] = [page.at(0), page.at(-1)];
  if (!oldest || !newest) return { messages: [], actions: new Map(), isCut: false };
  const found = await actions.actionsOf({
    keyset: command.keyset,
    channel,
    from: oldest.timetoken,
    through: newest.timetoken,
    first: command.range.take,
    actionsMax: LIMITS.historyActionsMax,
    bytesMax: LIMITS.historyAnswerBytesMax,
  });
  const taken = completeOf(page, found.completeTo, command.range.take);
  const byMessage = Map.groupBy(found.actions, ({ messageTimetoken }) => messageTimetoken);
  return { messages: taken, actions: byMessage, isCut: cut.length > 0 || taken.length < page.length };
}

function completeOf(
  page: readonly Message[],
  completeTo: Timetoken | undefined,
  take: ScannedRange["take"],
): readonly Message[] {
  if (completeTo === undefined) return page;
  return page.filter(({ timetoken }) => (take === "oldest" ? timetoken <= completeTo : timetoken >= completeTo));
}

/** A request for counts whose every part has been checked. */
export interface CountsCommand {
  readonly keyset: string;
  /** The instant after which each channel's messages are counted. */
  readonly after: ReadonlyMap<string, Timetoken>;
}

/** Counts the messages of channels after their instants, each at most 10,000. */
export async function countMessages(
  { messages }: HistoryPorts,
  { keyset, after }: CountsCommand,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const [channel, instant] of after) {
    const turn = counts.size % CHANNELS_PER_TURN === CHANNELS_PER_TURN - 1;
    if (turn) await new Promise<void>((resolve) => setImmediate(resolve));
    const request = { keyset, channel, after: instant, countMax: LIMITS.countedMessagesMax };
    counts.set(channel, await messages.countAfter(request));
  }
  return counts;
}

/** A request to delete whose every part has been checked. */
export interface DeleteCommand {
  readonly keyset: string;
  readonly channel: string;
  readonly bounds: Bounds;
}

/** Deletes messages of one channel. What is published after the call stays, whatever its bounds say. */
export async function deleteMessages(
  { messages, broker }: HistoryPorts,
  { keyset, channel, bounds }: DeleteCommand,
): Promise<DeleteOutcome> {
  const { from, through } = rangeOf(bounds);
  const now = await broker.position(keyset);
  return messages.deleteRange({ keyset, channel, from, through: through < now ? through : now });
}
