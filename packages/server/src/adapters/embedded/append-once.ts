/**
 * Appends with a publisher's id: a message once, its repeats never again.
 *
 * The id is taken in one turn of the event loop, before anything is waited for; from then on everybody else with it waits
 * until what came of the first is known. Called by the memory broker only. Rules: spec/IDEMPOTENCY.md.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { AppendOutcome } from "../../ports/broker.ts";
import { type MaybePromise, after } from "../../ports/maybe-promise.ts";
import type { Message, MessageDraft, PublishId } from "../../ports/message.ts";
import type { IdRequest, MessageStore } from "../../ports/message-store.ts";
import { type IdOptions, type Outcome, PublishIds } from "./publish-ids.ts";

/** What is asked of the message store: the ids that memory does not know. */
export type IdStore = Pick<MessageStore, "idsThrough" | "findId">;

/** A message to append once. */
export interface OnceRequest {
  readonly keyset: string;
  readonly draft: MessageDraft;
  readonly id: PublishId;
}

type Append = (keyset: string, draft: MessageDraft) => MaybePromise<AppendOutcome>;

/** Appends through another append, each id once. */
export class AppendOnce {
  readonly #store: IdStore;
  readonly #append: Append;
  readonly #ids: PublishIds;

  constructor(store: IdStore, append: Append, options: IdOptions) {
    this.#store = store;
    this.#append = append;
    this.#ids = new PublishIds(store.idsThrough, options);
  }

  /** Appends unless the id stands for a message. @param now the wall clock's instant, by which ids grow old. */
  append(request: OnceRequest, now: Timetoken): MaybePromise<AppendOutcome> {
    const { digest } = request.id;
    const claim = this.#ids.claim(placeOf(request), digest, now);
    switch (claim.kind) {
      case "pending":
        return claim.settled.then((outcome) => outcomeOfRepeat(outcome, digest));
      case "claimed":
        if (claim.first === undefined && !this.#ids.mayBeOnDisk(now)) return this.#appendFirst(request);
        return this.#appendUnlessKept(request, claim.first);
      case "full":
        return UNAVAILABLE;
      case "duplicate":
      case "taken":
        return claim;
    }
  }

  /** Says whether an appended message that was to be stored is kept. */
  settle({ keyset, channel, timetoken }: Message, { id, digest }: PublishId, isKept: boolean): void {
    this.#ids.settle({ keyset, channel, id }, { timetoken, digest, state: isKept ? "kept" : "unkept" });
  }

  /** Forgets what has grown old, a bounded part of it. */
  sweep(now: Timetoken): void {
    this.#ids.sweep(now);
  }

  // The store may know the id from an earlier process, or from before memory was short, or from a commit whose success
  // was not told.
  async #appendUnlessKept(request: OnceRequest, first: Timetoken | undefined): Promise<AppendOutcome> {
    const place = placeOf(request);
    try {
      const kept = await this.#store.findId(place);
      if (kept) {
        const outcome: Outcome = { ...kept, state: "kept" };
        this.#ids.settle(place, outcome);
        return outcomeOfRepeat(outcome, request.id.digest);
      }
    } catch (failure) {
      this.#ids.release(place);
      throw failure;
    }
    return first === undefined ? this.#appendFirst(request) : this.#appendAgain(request, first);
  }

  #appendFirst(request: OnceRequest): MaybePromise<AppendOutcome> {
    return after(this.#append(request.keyset, request.draft), (outcome) => {
      if (outcome.kind !== "appended") this.#ids.release(placeOf(request));
      else if (!request.draft.stored) this.#settleUnstored(request, outcome.message.timetoken);
      return outcome;
    });
  }

  // What was announced is not announced again: it only has to be kept, where the repeat still wants that.
  #appendAgain(request: OnceRequest, first: Timetoken): AppendOutcome {
    const { keyset, draft } = request;
    if (draft.stored) return { kind: "appended", message: { ...draft, keyset, timetoken: first } };
    this.#settleUnstored(request, first);
    return { kind: "duplicate", timetoken: first };
  }

  #settleUnstored(request: OnceRequest, timetoken: Timetoken): void {
    this.#ids.settle(placeOf(request), { timetoken, digest: request.id.digest, state: "unstored" });
  }
}

function placeOf({ keyset, draft, id }: OnceRequest): IdRequest {
  return { keyset, channel: draft.channel, id: id.id };
}

// Repeats that have waited share the first one's fate: on a disk that refuses they would else try one after another.
function outcomeOfRepeat(outcome: Outcome | undefined, digest: string): AppendOutcome {
  if (!outcome || outcome.state === "unkept") return UNAVAILABLE;
  return outcome.digest === digest ? { kind: "duplicate", timetoken: outcome.timetoken } : TAKEN;
}

const UNAVAILABLE: AppendOutcome = Object.freeze({ kind: "unavailable" });
const TAKEN: AppendOutcome = Object.freeze({ kind: "taken" });
