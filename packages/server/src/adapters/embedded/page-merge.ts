/**
 * Joins a page that was read from the database with messages whose commit is under way. Pure.
 *
 * A commit may have reached the database while its outcome has not reached this thread, so both may hold a message.
 *
 * @module
 */
import { type Message, weightOf } from "../../ports/message.ts";
import type { Page, PageRequest } from "../../ports/message-store.ts";
import { byTimetoken } from "./keyset-log.ts";

/**
 * The page that a request asks for.
 *
 * @param kept what the database holds, as it cut it.
 * @param unwritten messages of the request's range, in any order.
 */
export function mergePage(request: PageRequest, kept: Page, unwritten: readonly Message[]): Page {
  if (unwritten.length === 0) return kept;
  const distinct = new Map([...unwritten, ...kept.messages].map((message) => [message.timetoken, message]));
  const ascending = [...distinct.values()].toSorted(byTimetoken);
  const ordered = request.take === "oldest" ? ascending : ascending.toReversed();
  const reachable = kept.isCut
    ? upTo(ordered, request.take === "oldest" ? kept.messages.at(-1) : kept.messages[0])
    : ordered;
  const taken = cut(reachable.slice(0, request.messagesMax), request.bytesMax);
  const isCut =
    taken.length < Math.min(reachable.length, request.messagesMax) ||
    (kept.isCut && taken.length < request.messagesMax);
  return { messages: request.take === "oldest" ? taken : taken.toReversed(), isCut };
}

// Behind the message that ended the database's page there are others of it that have not been read.
function upTo(ordered: readonly Message[], last: Message | undefined): readonly Message[] {
  return ordered.slice(0, ordered.findIndex((message) => message === last) + 1);
}

function cut(messages: readonly Message[], bytesMax: number): readonly Message[] {
  let bytes = 0;
  const end = messages.findIndex((message, at) => {
    bytes += weightOf(message);
    return at > 0 && bytes > bytesMax;
  });
  return end < 0 ? messages : messages.slice(0, end);
}
