/**
 * Message actions: users attach a type and a value to a message, take them away again, and subscribers learn of both.
 *
 * Called by the edge. A change is first kept, then announced as an event of its channel with a timetoken of its own: an
 * event of something that is not kept could never be taken back. What the store did not change is not announced. Between
 * the two the process may die or the broker refuse; then the change stands without its event, which is the protocol's
 * partial success. Rules: spec/ACTIONS.md ACT1-ACT10.
 *
 * @module
 */
import { EVENT_TYPES, LIMITS } from "@longwave/protocol";
import type {
  Action,
  ActionChannel,
  ActionDraft,
  ActionPage,
  ActionStore,
  AddOutcome,
  PageRequest,
  RemoveOutcome,
  RemoveRequest,
} from "../ports/action-store.ts";
import type { Broker } from "../ports/broker.ts";
import type { MessageDraft } from "../ports/message.ts";
import { type ActionEvent, printActionEvent } from "./action-json.ts";

/** What message actions need from outside. */
export interface ActionPorts {
  readonly store: ActionStore;
  /** Asked for its position only, from which the store makes timetokens. */
  readonly broker: Pick<Broker, "position">;
  /** Publishes an event to subscribers. @returns whether it is on its way to them. */
  readonly emit: (keyset: string, draft: MessageDraft) => Promise<boolean>;
}

/** Whether subscribers learn of a change that was made. */
export interface Announced {
  readonly isAnnounced: boolean;
}

/** A request to attach something to a message, every part of it checked. */
export interface AddCommand extends ActionChannel {
  readonly draft: ActionDraft;
}

/** What came of it. */
export type AddResult = WithAnnouncement<AddOutcome>;
/** What came of a removal. */
export type RemoveResult = WithAnnouncement<RemoveOutcome>;

// The outcomes of the store; those that have an action say besides whether it was announced.
type WithAnnouncement<Outcome> = Outcome extends { readonly action: Action } ? Outcome & Announced : Outcome;

/** A request for a page of a channel's actions, every part of it checked. */
export type GetCommand = Omit<PageRequest, "bytesMax">;

/** The message actions of one process. */
export class Actions {
  readonly #ports: ActionPorts;
  // The last announcement of each keyset that has one under way: events leave in the order of the changes.
  readonly #announcing = new Map<string, Promise<boolean>>();

  constructor(ports: ActionPorts) {
    this.#ports = ports;
  }

  /** Attaches something to a message and announces it. */
  async add({ keyset, channel, draft }: AddCommand): Promise<AddResult> {
    const notBefore = await this.#ports.broker.position(keyset);
    const adding = this.#ports.store.add({ keyset, channel, draft, notBefore });
    const announced = this.#announce({ keyset, channel }, "added", adding);
    const outcome = await adding;
    return outcome.kind === "added" ? { ...outcome, isAnnounced: await announced } : outcome;
  }

  /** Takes something away that its author attached, and announces it. */
  async remove(command: RemoveRequest): Promise<RemoveResult> {
    const removing = this.#ports.store.remove(command);
    const announced = this.#announce(command, "removed", removing);
    const outcome = await removing;
    return outcome.kind === "removed" ? { ...outcome, isAnnounced: await announced } : outcome;
  }

  /** A page of a channel's actions, bounded in bytes besides. */
  get(command: GetCommand): Promise<ActionPage> {
    return this.#ports.store.page({ ...command, bytesMax: LIMITS.actionPageBytesMax });
  }

  // Queued at the time of the call to the store, so that the queue has the order in which the store makes the changes.
  #announce(place: ActionChannel, event: ActionEvent, changing: Promise<AddOutcome | RemoveOutcome>): Promise<boolean> {
    const { keyset } = place;
    const announcing = this.#announceAfter(this.#announcing.get(keyset), place, { event, changing });
    this.#announcing.set(keyset, announcing);
    void this.#forgetAfter(keyset, announcing);
    return announcing;
  }

  async #announceAfter(
    earlier: Promise<boolean> | undefined,
    { keyset, channel }: ActionChannel,
    { event, changing }: { readonly event: ActionEvent; readonly changing: Promise<AddOutcome | RemoveOutcome> },
  ): Promise<boolean> {
    const outcome = await changing;
    await Promise.allSettled([earlier]); // one that failed told its own caller
    return "action" in outcome && this.#ports.emit(keyset, eventDraft(channel, event, outcome.action));
  }

  async #forgetAfter(keyset: string, announcing: Promise<boolean>): Promise<void> {
    await Promise.allSettled([announcing]);
    if (this.#announcing.get(keyset) === announcing) this.#announcing.delete(keyset);
  }
}

function eventDraft(channel: string, event: ActionEvent, action: Action): MessageDraft {
  return {
    channel,
    payload: printActionEvent(event, action),
    eventType: EVENT_TYPES.messageAction,
    publisher: action.uuid,
    stored: false,
    ttlHours: undefined,
  };
}
