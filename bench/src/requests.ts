/**
 * The requests of every load, as targets, and what is read from their answers.
 *
 * @module
 */

/** The payload of most loads, encoded. */
const HELLO = encodeURIComponent('{"text":"hello world"}');

/** What a load publishes. */
export interface Publication {
  readonly keyset?: string | undefined;
  readonly channel?: string;
  /** JSON. */
  readonly payload?: string;
  readonly meta?: string;
  readonly isStored?: boolean;
  /** Hours that it is kept; what the keyset says where left out. */
  readonly ttlHours?: number;
}

/** A publish. The keys of a keyset are the same word twice. */
export function publishTarget(publication: Publication = {}): string {
  const { keyset = "demo", channel = "room", payload, meta, ttlHours, isStored = false } = publication;
  const text = payload === undefined ? HELLO : encodeURIComponent(payload);
  const ttl = ttlHours === undefined ? "" : `&ttl=${ttlHours}`;
  const query = meta === undefined ? ttl : `${ttl}&meta=${encodeURIComponent(meta)}`;
  return `/publish/${keyset}/${keyset}/0/${channel}/0/${text}?uuid=bench&store=${isStored ? 1 : 0}${query}`;
}

/** What a load subscribes to. */
export interface Subscription {
  readonly keyset?: string | undefined;
  readonly channel?: string;
  readonly filter?: string | undefined;
  readonly uuid: string;
}

/** A subscribe from a cursor. */
export function subscribeTarget(
  { keyset = "demo", channel = "room", filter, uuid }: Subscription,
  cursor: string,
): string {
  const query = filter === undefined ? "" : `&filter-expr=${encodeURIComponent(filter)}`;
  return `/v2/subscribe/${keyset}/${channel}/0?tt=${cursor}&uuid=${uuid}${query}`;
}

/** The cursor of a subscribe answer. */
export function cursorOf(body: string): string {
  const cursor = /^\{"t":\{"t":"(\d{17})"/.exec(body)?.[1];
  if (cursor === undefined) throw new Error(`no subscribe answer: ${body.slice(0, 200)}`);
  return cursor;
}

const ENVELOPE = '"d":';

/** Messages in a subscribe answer whose payloads hold no such word themselves. */
export function messagesIn(body: string | Buffer): number {
  let count = 0;
  for (let at = body.indexOf(ENVELOPE); at >= 0; at = body.indexOf(ENVELOPE, at + ENVELOPE.length)) count += 1;
  return count;
}

/** Refuses to count what was refused. */
export function requireSent(body: string): void {
  if (!body.startsWith('[1,"Sent"')) throw new Error(`a publish was refused: ${body}`);
}
