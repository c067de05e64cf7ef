/**
 * Sessions of a client as tables: what it asks, request by request, and what it is answered.
 *
 * No part of the network itself; called by `*.int.test.ts` alone.
 *
 * @module
 */
import { expect } from "bun:test";
import { type WireAnswer, WireNetwork } from "./wire-network.ts";

/**
 * One step of a session. `{cursor}` in a target stands for the cursor of alice's last subscribe answer. A target that names
 * no uuid is hers. In bodies T stands for a timetoken, MS for milliseconds and S for seconds since the Unix epoch.
 */
export type Step =
  /** A request that is answered at once. */
  | { readonly ask: string; readonly post?: string; readonly status?: number; readonly body: string }
  /** A poll that is held. */
  | { readonly hold: string }
  /** What the held poll is answered. */
  | { readonly answers: string }
  /** The client gives its held poll up. */
  | { readonly abort: true }
  /** Time passes, in milliseconds. */
  | { readonly advanceMs: number };

const ALICE = "uuid=alice&pnsdk=any%2F1.0&requestid=5d2b9cc5-4f4d-4d23-9ab8-3c9c4fb1a1c2";

interface HeldPoll {
  readonly answer: Promise<WireAnswer>;
  readonly leaving: AbortController;
}

/** Goes through a session, on a network of its own, and checks every answer byte for byte. */
export async function replay(steps: readonly Step[]): Promise<void> {
  await using network = await WireNetwork.start();
  const session = new Session(network);
  for (const step of steps) await session.take(step);
}

class Session {
  readonly #network: WireNetwork;
  #cursor = "";
  #held: HeldPoll | undefined;

  constructor(network: WireNetwork) {
    this.#network = network;
  }

  async take(step: Step): Promise<void> {
    if ("advanceMs" in step) return this.#network.clock.advance(step.advanceMs);
    if ("hold" in step) return await this.#hold(step.hold);
    if ("abort" in step) return await this.#abort();
    if ("answers" in step) return this.#check("the held poll", await this.#answer(), { body: step.answers });
    const init = step.post === undefined ? {} : { method: "POST", body: step.post };
    return this.#check(step.ask, await this.#network.ask(this.#complete(step.ask), init), step);
  }

  async #hold(target: string): Promise<void> {
    const leaving = new AbortController();
    const answer = this.#network.ask(this.#complete(target), { signal: leaving.signal });
    answer.catch(() => {}); // where the client gives it up
    this.#held = { answer, leaving };
    await this.#network.holds(1);
  }

  async #abort(): Promise<void> {
    this.#held?.leaving.abort();
    await this.#network.lets(0);
  }

  #answer(): Promise<WireAnswer> {
    if (this.#held === undefined) throw new Error("no poll is held");
    return this.#held.answer;
  }

  #complete(target: string): string {
    const placed = target.replace("{cursor}", this.#cursor);
    if (/[?&]uuid=/.test(target)) return placed;
    return `${placed}${target.includes("?") ? "&" : "?"}${ALICE}`;
  }

  #check(asked: string, answer: WireAnswer, wanted: { readonly status?: number; readonly body: string }): void {
    const body = answer.body
      .replaceAll(/\b\d{17}\b/g, "T")
      .replaceAll(/\b\d{13}\b/g, "MS")
      .replaceAll(/\b\d{10}\b/g, "S");
    const { status } = answer;
    expect({ asked, status, body }).toEqual({ asked, status: wanted.status ?? 200, body: wanted.body });
    if (!/[?&]uuid=/.test(asked)) this.#cursor = /^{"t":{"t":"(\d{17})"/.exec(answer.body)?.[1] ?? this.#cursor;
  }
}
