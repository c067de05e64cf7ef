/**
 * Publish, fire and signal: from a checked command to an acknowledgement.
 *
 * Called by the edge. A message is visible from the append on; only the acknowledgement of a stored one waits for the
 * commit. Rules: spec/PUBLISH.md PUB1-PUB9, spec/IDEMPOTENCY.md.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { AppendOutcome, Broker } from "../ports/broker.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import type { Message, MessageDraft, PublishId } from "../ports/message.ts";
import type { MessageStore } from "../ports/message-store.ts";

/** What publishing needs from outside. */
export interface PublishPorts {
  readonly broker: Broker;
  readonly messages: MessageStore;
}

/** A request to publish whose every part has been checked. */
export interface PublishCommand {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly draft: MessageDraft;
  /** The instant that it is to be kept at, instead of one of its own: then nobody is given it live. */
  readonly at?: Timetoken | undefined;
  /** A fire: acknowledged, delivered to no subscriber. */
  readonly isFire: boolean;
  /** Makes repeats of it harmless. */
  readonly id?: PublishId | undefined;
}

/** What came of a publish. */
export type PublishOutcome =
  | { readonly kind: "sent"; readonly timetoken: Timetoken }
  /** A repeat of a message that was sent before: the first one's timetoken, and nothing was delivered. */
  | { readonly kind: "repeated"; readonly timetoken: Timetoken }
  /** The instant that was asked for has not come yet. */
  | { readonly kind: "future" }
  /** The channel has a message at the instant that was asked for. */
  | { readonly kind: "occupied" }
  /** The id stands for another message: nothing was accepted, nothing delivered. */
  | { readonly kind: "taken" }
  /** The store refused: the message may have been delivered but is not kept. */
  | { readonly kind: "unavailable" }
  /** Too much waits for the store already: nothing was accepted, nothing delivered. */
  | { readonly kind: "overloaded" };

/** Publishes a message. The outcome is there when what the acknowledgement promises is true. */
export function publish(ports: PublishPorts, command: PublishCommand): MaybePromise<PublishOutcome> {
  const { keyset, draft, id } = command;
  if (command.at !== undefined) return keepAt(ports, command, command.at);
  if (command.isFire) return ports.broker.position(keyset).then((timetoken) => ({ kind: "sent", timetoken }));
  if (draft.stored && ports.messages.isOverloaded(keyset)) return { kind: "overloaded" };
  return after(ports.broker.append(keyset, draft, id), (appended) => acknowledge(ports, appended, id));
}

// Never appended, so never queued and never delivered live. An instant that has passed is given to no message to come.
// An id has nothing to do here: a repeat meets the message that is there already.
async function keepAt(
  ports: PublishPorts,
  { keyset, draft }: PublishCommand,
  timetoken: Timetoken,
): Promise<PublishOutcome> {
  if (timetoken > (await ports.broker.position(keyset))) return { kind: "future" };
  const outcome = await ports.messages.commitAt({ ...draft, keyset, timetoken });
  return outcome === "committed" ? { kind: "sent", timetoken } : { kind: outcome };
}

function acknowledge(
  ports: PublishPorts,
  appended: AppendOutcome,
  id: PublishId | undefined,
): MaybePromise<PublishOutcome> {
  if (appended.kind === "duplicate") return { kind: "repeated", timetoken: appended.timetoken };
  if (appended.kind !== "appended") return appended;
  const { message } = appended;
  if (message.stored) return commit(ports, message, id);
  ports.messages.journal(message);
  return { kind: "sent", timetoken: message.timetoken };
}

async function commit(
  { broker, messages }: PublishPorts,
  message: Message,
  id: PublishId | undefined,
): Promise<PublishOutcome> {
  const isKept = (await messages.commit(message, id)) === "committed";
  if (id) await broker.settle(message, id, isKept);
  return isKept ? { kind: "sent", timetoken: message.timetoken } : { kind: "unavailable" };
}
