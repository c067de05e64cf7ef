/**
 * Sends the events of changes in the order of the changes, whichever outcome is told first.
 *
 * @module
 */
import type { MessageDraft } from "../ports/message.ts";

/** Publishes an event to subscribers. @returns whether it is on its way to them. */
export type Emit = (keyset: string, draft: MessageDraft) => Promise<boolean>;

/** The announcements of one process; those of a keyset leave one after another. */
export class Announcements {
  readonly #emit: Emit;
  // The last one of each keyset that has one under way.
  readonly #last = new Map<string, Promise<void>>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /**
   * Announces a change when it is known and all earlier ones of the keyset are announced.
   *
   * Called at the time of the call to the store, so that announcements have the order in which the store makes changes.
   *
   * @param events the events of an outcome; none where nothing changed.
   * @returns when the change is announced. It fails where the change did.
   */
  async after<Outcome>(
    keyset: string,
    changing: Promise<Outcome>,
    events: (outcome: Outcome) => Iterable<MessageDraft>,
  ): Promise<void> {
    const announcing = this.#announce(keyset, this.#last.get(keyset), async () => events(await changing));
    this.#last.set(keyset, announcing);
    try {
      await announcing;
    } finally {
      if (this.#last.get(keyset) === announcing) this.#last.delete(keyset);
    }
  }

  async #announce(
    keyset: string,
    earlier: Promise<void> | undefined,
    eventsOf: () => Promise<Iterable<MessageDraft>>,
  ): Promise<void> {
    const events = await eventsOf();
    await Promise.allSettled([earlier]); // one that failed told its own caller
    for (const draft of events) await this.#emit(keyset, draft);
  }
}
