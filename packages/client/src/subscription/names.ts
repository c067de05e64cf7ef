/**
 * The names that an application subscribes to: checked, completed by their presence companions, joined with those there are.
 *
 * Pure. Rules: spec/SDK.md SDK12, SDK22.
 *
 * @module
 */
import { NetworkError, PRESENCE_SUFFIX, isPresenceName, parseSubscribeName } from "@longwave/protocol";
import { type PubNubError, refusalOf } from "../errors.ts";

/** What to subscribe to. */
export interface SubscribeParameters {
  /** Channels and wildcards (`news.*`), 1 to 2,000 together. Those that are subscribed already stay so. */
  readonly channels: readonly string[];
  /** Also receive who comes and goes on these channels. @defaultValue false */
  readonly withPresence?: boolean | undefined;
  /** Start after this instant, 17 digits; by default from where the subscription stands, or from now. */
  readonly timetoken?: string | undefined;
}

/**
 * Adds names to those that are subscribed.
 *
 * @param present the names that are subscribed now.
 * @returns all names, each once, in the order of their UTF-16 units.
 * @throws {PubNubError} `PNValidationErrorCategory` when there is none, or one that is no name.
 */
export function withNames(
  present: readonly string[],
  { channels, withPresence }: Pick<SubscribeParameters, "channels" | "withPresence">,
): readonly string[] {
  if (!Array.isArray(channels) || channels.length === 0) {
    throw invalid("channels is missing or empty; list the channels to subscribe to");
  }
  const added = channels.flatMap((channel: unknown) => {
    const name = requireName(channel);
    return withPresence === true && !isPresenceName(name) ? [name, name + PRESENCE_SUFFIX] : [name];
  });
  return Array.from(new Set([...present, ...added])).toSorted();
}

/**
 * Takes names out, with their presence companions; unknown ones do nothing.
 *
 * @throws {PubNubError} `PNValidationErrorCategory` when there is no list of them.
 */
export function withoutNames(present: readonly string[], channels: readonly string[]): readonly string[] {
  if (!Array.isArray(channels)) throw invalid("channels is missing; list the channels to unsubscribe from");
  return present.filter((name) => {
    const plain = isPresenceName(name) ? name.slice(0, -PRESENCE_SUFFIX.length) : name;
    return !channels.includes(name) && !channels.includes(plain);
  });
}

/**
 * Checks the instant to start from.
 *
 * @returns the instant; nothing for zero, which asks for now.
 * @throws {PubNubError} `PNValidationErrorCategory` when it is anything but 1 to 17 digits in a string.
 */
export function readTimetoken(timetoken: unknown): string | undefined {
  if (timetoken === undefined) return undefined;
  if (typeof timetoken === "string" && /^\d{1,17}$/.test(timetoken))
    return /[1-9]/.test(timetoken) ? timetoken : undefined;
  throw invalid("timetoken is not 17 digits in a string; as a number it would lose its last ones");
}

function requireName(channel: unknown): string {
  try {
    if (typeof channel === "string") return parseSubscribeName(channel).name;
  } catch (refusal) {
    if (!(refusal instanceof NetworkError)) throw refusal;
  }
  throw invalid(
    "channels holds something that is no name; use 1 to 92 characters, none of them a comma, slash or space",
  );
}

function invalid(reason: string): PubNubError {
  return refusalOf("The subscription was not changed", reason, "PNSubscribeOperation");
}
