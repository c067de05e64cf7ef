/**
 * Publish, fire and signal: from a checked command to an acknowledgement.
 *
 * Called by the edge. A message is visible from the append on; only the acknowledgement of a stored one waits for the
 * commit. Rules: spec/PUBLISH.md PUB1-PUB9.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { AppendOutcome, Broker } from "../ports/broker.ts";
import { type MaybePromise, after } from "../ports/maybe-promise.ts";
import type { MessageDraft } from "../ports/message.ts";
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
}

/** What came of a publish. */
export type PublishOutcome =
  | { readonly kind: "sent"; readonly timetoken: Timetoken }
  /** The instant that was asked for has not come yet. */
  | { readonly kind: "future" }
  /** The channel has a message at the instant that was asked for. */
  | { readonly kind: "taken" }
  /** The store refused: the message may have been delivered but is not kept. */
  | { readonly kind: "unavailable" }
  /** Too much waits for the store already: nothing was accepted, nothing delivered. */
  | { readonly kind: "overloaded" };

/** Publishes a message. The outcome is there when what the acknowledgement promises is true. */
export function publish(ports: PublishPorts, command: PublishCommand): MaybePromise<PublishOutcome> {
  const { keyset, draft } = command;
  if (command.at !== undefined) return keepAt(ports, command, command.at);
  if (command.isFire) return ports.broker.position(keyset).then((timetoken) => ({ kind: "sent", timetoken }));
  if (draft.stored && ports.messages.isOverloaded(keyset)) return { kind: "overloaded" };
  return after(ports.broker.append(keyset, draft), (appended) => acknowledge(ports, appended));
}

// Never appended, so never queued and never delivered live. An instant that has passed is given to no message to come.
async function keepAt(
  ports: PublishPorts,
  { keyset, draft }: PublishCommand,
  timetoken: Timetoken,
): Promise<PublishOutcome> {
  if (timetoken > (await ports.broker.position(keyset))) return { kind: "future" };
  const outcome = await ports.messages.commitAt({ ...draft, keyset, timetoken });
  return outcome === "committed" ? { kind: "sent", timetoken } : { kind: outcome };
}

function acknowledge({ messages }: PublishPorts, appended: AppendOutcome): MaybePromise<PublishOutcome> {
  if (appended.kind === "unavailable") return appended;
  const { message } = appended;
  const sent: PublishOutcome = { kind: "sent", timetoken: message.timetoken };
  if (message.stored) {
    return messages.commit(message).then((outcome) => (outcome === "committed" ? sent : { kind: "unavailable" }));
  }
  messages.journal(message);
  return sent;
}
