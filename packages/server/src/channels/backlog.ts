/**
 * What a subscriber missed: the broker's memory, and the store for what has left it and is still young.
 *
 * Rules: spec/SUBSCRIBE.md SUB5-SUB7.
 *
 * @module
 */
import type { Broker, ReadRequest } from "../ports/broker.ts";
import type { Message } from "../ports/message.ts";
import type { MessageStore } from "../ports/message-store.ts";

/** What reading a backlog needs from outside. */
export interface BacklogPorts {
  readonly broker: Broker;
  readonly messages: MessageStore;
}

/** The oldest matching messages after a cursor, each once, in timetoken order, at most `request.messagesMax`. */
export async function readBacklog(ports: BacklogPorts, request: ReadRequest): Promise<readonly Message[]> {
  const live = await ports.broker.read(request);
  if (live.shortfalls.length === 0) return live.messages;
  const oldest = ports.messages.agedThrough;
  const after = request.after > oldest ? request.after : oldest;
  const { keyset, messagesMax } = request;
  const reachable = live.shortfalls.filter(({ through }) => through > after);
  const stored = await Promise.all(
    reachable.map(({ name, through }) => ports.messages.read({ keyset, name, after, through, messagesMax })),
  );
  return oldestOf([...stored.flat(), ...live.messages], messagesMax);
}

// Names may overlap (a channel and a wildcard over it), so the same message may have been found twice.
function oldestOf(messages: readonly Message[], messagesMax: number): readonly Message[] {
  const distinct = new Map(messages.map((message) => [message.timetoken, message]));
  const ordered = [...distinct.values()].toSorted((one, other) => (one.timetoken < other.timetoken ? -1 : 1));
  return ordered.slice(0, messagesMax);
}
