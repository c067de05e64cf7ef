/**
 * Publishes many messages at once and notes which of them were acknowledged.
 *
 * For tests only.
 *
 * @module
 */
import { type OpenConnection, openConnections } from "./raw-request.ts";

/** How a message is sent. */
export type Kind = "stored" | "unstored" | "signal";

/** What is sent. */
export interface Sent {
  /** Unique over the test: what subscribers are given as the payload. */
  readonly id: number;
  readonly channel: string;
  readonly kind: Kind;
}

/** What was sent and acknowledged. */
export interface Acknowledged extends Sent {
  readonly timetoken: string;
}

/** A source of messages, of each kind in turn, over all channels. */
export function messagesFor(channels: readonly string[], kinds: readonly Kind[]): () => Sent {
  let id = 0;
  return () => {
    id += 1;
    const channel = channels[id % channels.length] ?? "";
    return { id, channel, kind: kinds[Math.trunc(id / channels.length) % kinds.length] ?? "stored" };
  };
}

/** The path of the request that sends a message. */
export function pathOf({ id, channel, kind }: Sent): string {
  if (kind === "signal") return `/signal/demo/demo/0/${channel}/0/${id}`;
  return `/publish/demo/demo/0/${channel}/0/${id}?store=${kind === "stored" ? 1 : 0}`;
}

/**
 * Sends everything at once, each on a connection that was opened before.
 *
 * @param onAcknowledged called with the number of acknowledgements so far.
 * @returns what was acknowledged, when every request has its answer or has lost its connection.
 */
export async function flood(
  url: string,
  messages: readonly Sent[],
  onAcknowledged: (count: number) => void,
): Promise<readonly Acknowledged[]> {
  const connections = await openConnections(url, messages.length);
  const acknowledged: Acknowledged[] = [];
  const send = async (message: Sent, at: number): Promise<void> => {
    const connection = connections[at];
    const sent = connection && (await publishOn(connection, message));
    connection?.close();
    if (sent) onAcknowledged(acknowledged.push(sent));
  };
  await Promise.all(messages.map(send));
  return acknowledged;
}

/** Sends one message after another on a single connection until that is closed. @returns what was acknowledged. */
export async function publishUntilClosed(url: string, nextMessage: () => Sent): Promise<readonly Acknowledged[]> {
  const [connection] = await openConnections(url, 1);
  const acknowledged: Acknowledged[] = [];
  for (;;) {
    const sent = connection && (await publishOn(connection, nextMessage()));
    if (!sent) return acknowledged;
    acknowledged.push(sent);
  }
}

async function publishOn(connection: OpenConnection, message: Sent): Promise<Acknowledged | undefined> {
  const answer = await connection.get(pathOf(message));
  if (answer?.status !== 200) return undefined;
  const [, , timetoken] = JSON.parse(answer.body) as [number, string, string];
  return { ...message, timetoken };
}
