/**
 * Listeners: who is told of messages, signals, presence and statuses.
 *
 * Rules: spec/SDK.md SDK17, SDK18.
 *
 * @module
 */
import {
  type FileEvent,
  type MessageActionEvent,
  type MessageEvent,
  type ObjectsEvent,
  type PresenceEvent,
  type SignalEvent,
  type Told,
} from "./events.ts";
import type { StatusEvent } from "./status.ts";

/** Functions to call of what every client tells; each may be left out. */
export interface CoreListener {
  /** A message came. */
  message?(event: MessageEvent): void;
  /** A signal came. */
  signal?(event: SignalEvent): void;
  /** Somebody came or went, on a channel that was subscribed with `withPresence`. */
  presence?(event: PresenceEvent): void;
  /** The connection changed. */
  status?(event: StatusEvent): void;
}

/**
 * Functions to call; each may be left out.
 *
 * @example
 * ```ts
 * const listener: Listener = {
 *   message: ({ channel, message }) => console.log(channel, message),
 *   status: ({ category }) => console.log(category),
 * };
 * ```
 */
export interface Listener extends CoreListener {
  /** Somebody attached an action to a message, or took it away. */
  messageAction?(event: MessageActionEvent): void;
  /** A file was sent. */
  file?(event: FileEvent): void;
  /** A user, a channel or a membership was changed or removed. */
  objects?(event: ObjectsEvent): void;
}

/** Takes what a listener threw. */
export type Report = (failure: unknown) => void;

/** The listeners of one client. */
export class Listeners {
  readonly #listeners = new Set<Listener>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Adds a listener; one that is there already stays once. */
  add(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** Removes a listener; it gets nothing more, not even the rest of a batch. */
  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Removes every listener. */
  clear(): void {
    this.#listeners.clear();
  }

  /** Tells of a status. */
  status(event: StatusEvent): void {
    this.#tell((listener) => listener.status?.(event));
  }

  /** Tells of one delivered item. */
  tell({ kind, event }: Told): void {
    this.#tell((listener) => {
      // A kind and its event belong together; only the pairing of the two is beyond the type system.
      const listening = listener as { readonly [Kind in Told["kind"]]?: (event: Told["event"]) => unknown };
      return listening[kind]?.(event);
    });
  }

  // A copy is gone through, so that those who are added meanwhile wait for the next event.
  #tell(call: (listener: Listener) => unknown): void {
    for (const listener of Array.from(this.#listeners)) {
      if (this.#listeners.has(listener)) this.#guard(() => call(listener));
    }
  }

  // A listener that throws, or returns a promise that rejects, harms nobody else.
  #guard(run: () => unknown): void {
    try {
      const result = run();
      if (result instanceof Promise) result.catch(this.#report);
    } catch (failure) {
      this.#report(failure);
    }
  }
}

/** Writes what a listener threw to the console: seen, and no end of the process. */
export const reportToConsole: Report = (failure) => console.error("A listener of the Longwave client threw:", failure);
