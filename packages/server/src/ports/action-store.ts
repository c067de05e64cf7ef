/**
 * The action-store port: keeps what users attach to messages (reactions, receipts), each once.
 *
 * Order: the changes of one keyset happen one after another, in the order of the calls, and their outcomes become known
 * in that order. Atomicity: a change, the test whether it may be made, and the timetoken that it takes are one step, on
 * disk before the outcome is known; of two equal adds in flight one is added and the other a duplicate.
 *
 * A timetoken is given by the store and not by the broker, because only the step that decides whether something is added
 * may use one up: it is at or after the broker's position that the caller brings, above every earlier one of the keyset,
 * and never given twice, removed actions and earlier processes included. Actions and messages are counted apart, so an
 * action's timetoken may equal a message's. Rules: spec/ACTIONS.md ACT3-ACT8, ACT11-ACT13; suite:
 * conformance/action-store.ts.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";

/** What a user attaches to a message. No two actions of a channel are equal in all four members. */
export interface ActionDraft {
  readonly messageTimetoken: Timetoken;
  /** 1 to 15 characters. */
  readonly type: string;
  /** Never empty, at most 32 KiB. */
  readonly value: string;
  /** Who did it. */
  readonly uuid: string;
}

/** An action that was kept. */
export interface Action extends ActionDraft {
  /** Unique and strictly increasing within the keyset. */
  readonly timetoken: Timetoken;
}

/** A channel, which is where actions live. */
export interface ActionChannel {
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly channel: string;
}

/** A request to keep an action. */
export interface AddRequest extends ActionChannel {
  readonly draft: ActionDraft;
  /** A position of the keyset's order, as the broker gave it: the action's timetoken is at or after it. */
  readonly notBefore: Timetoken;
}

/** What came of an add. The message need not exist, so there is no outcome for one that does not. */
export type AddOutcome =
  | { readonly kind: "added"; readonly action: Action }
  /** The same user has attached the same type and value to the same message already. Nothing happened. */
  | { readonly kind: "duplicate" }
  /** The message has as many actions, or bytes of them, as a message may have. Nothing happened. */
  | { readonly kind: "tooMany" }
  | StoreRefusal;

/** A request to take an action away. */
export interface RemoveRequest extends ActionChannel {
  readonly messageTimetoken: Timetoken;
  readonly actionTimetoken: Timetoken;
  /** Who asks; only the author may. */
  readonly uuid: string;
}

/** What came of a removal. */
export type RemoveOutcome =
  /** Gone. Of several removals of one action that are in flight, one has this outcome. */
  | { readonly kind: "removed"; readonly action: Action }
  /** There is such an action, of another user. Nothing happened. */
  | { readonly kind: "notAuthor" }
  /** There is no such action. Nothing happened. */
  | { readonly kind: "none" }
  | StoreRefusal;

/** Why a store did not do what it could have done. */
export type StoreRefusal =
  /** The disk refused it. Nothing happened. */
  | { readonly kind: "unavailable" }
  /** Too many changes of the keyset wait for the disk already. Nothing happened. */
  | { readonly kind: "overloaded" };

/** A request for a page of a channel's actions, whatever their messages. */
export interface PageRequest extends ActionChannel {
  /** Exclusive: only actions older than it. */
  readonly start: Timetoken | undefined;
  /** Inclusive: it and newer. */
  readonly end: Timetoken | undefined;
  /** At most this many, the newest ones; at least 1. */
  readonly actionsMax: number;
  /** At most this many bytes of their texts, the newest ones; one that is larger comes alone. */
  readonly bytesMax: number;
}

/** A page of actions. */
export interface ActionPage {
  /** In timetoken order. */
  readonly actions: readonly Action[];
  /** Whether more would have been there, had the bytes allowed it. Not when only the number was reached. */
  readonly isTruncated: boolean;
}

/** A request for the actions of a channel's messages in a range. */
export interface MessageActionsRequest extends ActionChannel {
  /** Inclusive, of messages. */
  readonly from: Timetoken;
  /** Inclusive, of messages. */
  readonly through: Timetoken;
  /** Which messages come first where not all of them have room. */
  readonly first: "oldest" | "newest";
  /** About this many actions: a message whose actions would go beyond is left out, unless it is the first one. */
  readonly actionsMax: number;
  /** The same for the bytes of their texts. */
  readonly bytesMax: number;
}

/** The actions of a range of messages: of a message all of them, or none. */
export interface MessageActions {
  /** By message timetoken, then action timetoken, both rising. */
  readonly actions: readonly Action[];
  /**
   * The last message, in the order that was asked for, of which everything is here: what lies beyond was left out for
   * want of room. Nothing where the whole range is here.
   */
  readonly completeTo: Timetoken | undefined;
}

/** Keeps actions. */
export interface ActionStore {
  /** Keeps an action, if there is no equal one and its message has room. */
  add(request: AddRequest): Promise<AddOutcome>;
  /** Takes an action away, if there is one and it is of the user who asks. */
  remove(request: RemoveRequest): Promise<RemoveOutcome>;
  /** The newest actions of a channel in a range of action timetokens. Shows every change whose outcome is known. */
  page(request: PageRequest): Promise<ActionPage>;
  /** The actions of messages in a range of message timetokens. Shows every change whose outcome is known. */
  actionsOf(request: MessageActionsRequest): Promise<MessageActions>;
  /** Waits for the changes in flight and refuses later ones as unavailable. May be called twice. */
  stop(): Promise<void>;
}

/** What history needs of it. */
export type ActionsReader = Pick<ActionStore, "actionsOf">;
