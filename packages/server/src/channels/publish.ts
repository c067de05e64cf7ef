/**
 * Publish, fire and signal: from a checked command to an acknowledgement.
 *
 * Called by the edge. A message is visible from the append on; only the acknowledgement of a stored one waits for the
 * commit. Rules: spec/PUBLISH.md PUB1-PUB9.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { Broker } from "../ports/broker.ts";
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
  /** A fire: acknowledged, delivered to no subscriber. */
  readonly isFire: boolean;
}

/** What came of a publish. */
export type PublishOutcome =
  | { readonly kind: "sent"; readonly timetoken: Timetoken }
  /** The store refused: the message may have been delivered but is not kept. */
  | { readonly kind: "unavailable" }
  /** Too much waits for the store already: nothing was accepted, nothing delivered. */
  | { readonly kind: "overloaded" };

/** Publishes a message. Resolves when what the acknowledgement promises is true. */
export async function publish(ports: PublishPorts, command: PublishCommand): Promise<PublishOutcome> {
  if (command.isFire) return { kind: "sent", timetoken: await ports.broker.position(command.keyset) };
  if (command.draft.stored && ports.messages.isOverloaded) return { kind: "overloaded" };
  const appended = await ports.broker.append(command.keyset, command.draft);
  if (appended.kind === "unavailable") return appended;
  const { message } = appended;
  if (!message.stored) {
    ports.messages.journal(message);
    return { kind: "sent", timetoken: message.timetoken };
  }
  const outcome = await ports.messages.commit(message);
  return outcome === "committed" ? { kind: "sent", timetoken: message.timetoken } : { kind: "unavailable" };
}
