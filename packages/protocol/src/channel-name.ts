/**
 * Channel names: what may be published to, and what a subscriber may ask for.
 *
 * A subscriber's list mixes four sorts: `room`, its presence companion `room-pnpres`, a wildcard `a.*` (every channel
 * that starts with `a.`), and the presence of a wildcard `a.*-pnpres`. Pure. Rules: spec/PROTOCOL.md CHN1-CHN8.
 *
 * @module
 */
import { NetworkError } from "./network-error.ts";
import { LIMITS } from "./limits.ts";
import { isPossible } from "./name-characters.ts";

export { hasControlCharacter } from "./name-characters.ts";

/** The ending that names a channel's presence companion. */
export const PRESENCE_SUFFIX = "-pnpres";

/** The ending of a wildcard. */
export const WILDCARD_SUFFIX = ".*";

/** One name of a subscribe request, by what it matches. */
export type SubscribeName =
  | { readonly kind: "channel"; readonly name: string }
  /**
   * `prefix` ends with its dot: `a.*` matches every channel that starts with it but presence companions, which are what
   * `a.*-pnpres` matches.
   */
  | { readonly kind: "wildcard"; readonly name: string; readonly prefix: string; readonly isPresence: boolean };

// Comma and slash separate on the wire, a backslash turns into a slash in URLs, an asterisk is the wildcard.
// The colon is documented as reserved but recorded in use, so it is let through (CHN2).
const FORBIDDEN = ",/\\*";
const FORBIDDEN_IN_SUBSCRIBE = ",/\\";

/** Whether a name is one that a message can be published to: what {@link parseChannel} accepts. */
export function isChannelName(name: string): boolean {
  return !isReserved(name) && isPossible(name, FORBIDDEN, LIMITS.channelNameCharactersMax);
}

/** Whether a name is one that a subscriber can ask for: what {@link parseSubscribeName} accepts. */
export function isSubscribeName(name: string): boolean {
  const charactersMax = LIMITS.channelNameCharactersMax + PRESENCE_SUFFIX.length + WILDCARD_SUFFIX.length;
  return isPossible(name, FORBIDDEN_IN_SUBSCRIBE, charactersMax);
}

function isReserved(name: string): boolean {
  return name.endsWith(PRESENCE_SUFFIX) || name.endsWith(WILDCARD_SUFFIX);
}

/**
 * Checks a name that a message is published to.
 *
 * @param name decoded, from an untrusted peer: 1 to 92 characters, none of `,` `/` `\` `*`, space or control characters.
 * @returns the name, unchanged.
 * @throws {NetworkError} `channelMalformed` when the name breaks CHN1-CHN3; `channelReserved` for names that end in
 *   `-pnpres` and for wildcards.
 * @see spec/PROTOCOL.md CHN1
 * @example
 * ```ts
 * parseChannel("news.sport"); // "news.sport"
 * ```
 */
export function parseChannel(name: string): string {
  if (isChannelName(name)) return name;
  throw new NetworkError(isReserved(name) ? "channelReserved" : "channelMalformed");
}

/**
 * Reads one name of a subscribe request.
 *
 * @param name decoded, from an untrusted peer.
 * @returns the name with its kind. A star anywhere but in a trailing `.*` of at most two dots makes a name that is
 *   accepted and never matches (CHN6).
 * @throws {NetworkError} `subscribeNameMalformed` when the name could not be a channel for any other reason.
 * @see spec/PROTOCOL.md CHN5
 * @example
 * ```ts
 * parseSubscribeName("news.*"); // { kind: "wildcard", name: "news.*", prefix: "news.", isPresence: false }
 * ```
 */
export function parseSubscribeName(name: string): SubscribeName {
  if (!isSubscribeName(name)) throw new NetworkError("subscribeNameMalformed");
  const isPresence = isPresenceName(name);
  const prefix = wildcardPrefix(isPresence ? name.slice(0, -PRESENCE_SUFFIX.length) : name);
  return prefix === undefined ? { kind: "channel", name } : { kind: "wildcard", name, prefix, isPresence };
}

/** The prefix, dot included, that a wildcard matches; nothing for a name that is no wildcard. */
function wildcardPrefix(name: string): string | undefined {
  if (!name.endsWith(WILDCARD_SUFFIX)) return undefined;
  const stem = name.slice(0, -WILDCARD_SUFFIX.length);
  if (stem === "" || stem.includes("*") || stem.split(".").some((token) => token === "")) return undefined;
  return stem.split(".").length > LIMITS.wildcardDotsMax ? undefined : `${stem}.`;
}

/** Whether a name is a presence companion. */
export function isPresenceName(name: string): boolean {
  return name.endsWith(PRESENCE_SUFFIX);
}

/**
 * The wildcards under which a channel is found: `a.b.c` under `a.*` and `a.b.*`, `a.b-pnpres` under `a.*-pnpres`.
 *
 * @param channel a channel's name, or a presence companion's.
 * @returns at most {@link LIMITS.wildcardDotsMax} names, shortest first; never the channel itself.
 * @see spec/PROTOCOL.md CHN7
 */
export function wildcardsOf(channel: string): readonly string[] {
  const first = channel.indexOf(".");
  if (first <= 0) return NO_WILDCARDS;
  const ending = isPresenceName(channel) ? `*${PRESENCE_SUFFIX}` : "*";
  const second = channel.indexOf(".", first + 1);
  const shortest = channel.slice(0, first + 1) + ending;
  const all = second <= first + 1 ? [shortest] : [shortest, channel.slice(0, second + 1) + ending];
  return ending === "*" ? all : all.filter((wildcard) => wildcard !== channel); // the presence of a wildcard itself
}

const NO_WILDCARDS: readonly string[] = Object.freeze([]);
