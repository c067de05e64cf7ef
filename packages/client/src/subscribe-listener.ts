/**
 * A listener for scripts and tests: waits for what is to come.
 *
 * What came before it is waited for is kept, up to a bound, so that nothing has to be waited for in advance.
 * Rules: spec/SDK.md SDK46.
 *
 * @module
 */
import { PubNubError } from "./errors.ts";
import type { MessageEvent, PresenceEvent } from "./events.ts";
import type { Listener } from "./listeners.ts";
import { STATUS_CATEGORIES, type StatusEvent } from "./status.ts";

/** Events of each kind that are kept for who waits later; the oldest leave first. */
export const KEPT_EVENTS_MAX = 1_000;

/** How something is waited for. */
export interface WaitOptions {
  /** Ends the waiting; the promise then rejects with `PNCancelledCategory`. */
  readonly signal?: AbortSignal | undefined;
}

/** Events that came, and who waits for one. */
class Waits<Event> {
  readonly #events: Event[] = [];
  readonly #waiting = new Set<(event: Event) => boolean>();

  add(event: Event): void {
    for (const take of this.#waiting) if (take(event)) return;
    this.#events.push(event);
    if (this.#events.length > KEPT_EVENTS_MAX) this.#events.shift();
  }

  next(isWanted: (event: Event) => boolean, { signal }: WaitOptions): Promise<Event> {
    if (signal?.aborted === true) return Promise.reject(cancelled());
    const at = this.#events.findIndex(isWanted);
    const [event] = at < 0 ? [] : this.#events.splice(at, 1);
    if (event !== undefined) return Promise.resolve(event);
    return new Promise((resolve, reject) => {
      const take = (came: Event): boolean => {
        if (!isWanted(came)) return false;
        this.#waiting.delete(take);
        signal?.removeEventListener("abort", stop);
        resolve(came);
        return true;
      };
      const stop = (): void => {
        this.#waiting.delete(take);
        reject(cancelled());
      };
      this.#waiting.add(take);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }
}

/**
 * Add it to a client, then wait for what should happen.
 *
 * @example
 * ```ts
 * const listener = new SubscribeListener();
 * pubnub.addListener(listener);
 * pubnub.subscribe({ channels: ["hello"] });
 * await listener.waitForConnect({ signal: AbortSignal.timeout(5_000) });
 * const { message } = await listener.waitForMessageOn(["hello"]);
 * ```
 * @see spec/SDK.md SDK46
 */
export class SubscribeListener implements Listener {
  readonly #messages = new Waits<MessageEvent>();
  readonly #presence = new Waits<PresenceEvent>();
  readonly #statuses = new Waits<StatusEvent>();

  /** Takes a message. */
  message(event: MessageEvent): void {
    this.#messages.add(event);
  }

  /** Takes a presence event. */
  presence(event: PresenceEvent): void {
    this.#presence.add(event);
  }

  /** Takes a status. */
  status(event: StatusEvent): void {
    this.#statuses.add(event);
  }

  /** Waits until the client is connected. */
  waitForConnect(options: WaitOptions = {}): Promise<StatusEvent> {
    return this.#statuses.next(({ category }) => category === STATUS_CATEGORIES.connected, options);
  }

  /** Waits until the application's end of the subscription is told. */
  waitForDisconnect(options: WaitOptions = {}): Promise<StatusEvent> {
    return this.#statuses.next(({ category }) => category === STATUS_CATEGORIES.disconnected, options);
  }

  /** Waits for the next message on one of some channels that nobody has waited for yet. */
  waitForMessageOn(channels: readonly string[], options: WaitOptions = {}): Promise<MessageEvent> {
    return this.#messages.next(({ channel }) => channels.includes(channel), options);
  }

  /** Waits for the next presence event on one of some channels that nobody has waited for yet. */
  waitForPresenceOn(channels: readonly string[], options: WaitOptions = {}): Promise<PresenceEvent> {
    return this.#presence.next(({ channel }) => channels.includes(channel), options);
  }
}

function cancelled(): PubNubError {
  return new PubNubError("The waiting was ended by its signal.", { category: STATUS_CATEGORIES.cancelled });
}
