/**
 * Which messages have had their time in the queues: age counted in time that the server runs, over restarts.
 *
 * Not by the wall clock: a step forward, or an hour switched off, would make messages old that nobody could have fetched
 * yet (rule OPS4). Noted instead is how far timetokens had come when, a mark every few seconds.
 *
 * @module
 */
import type { Timetoken } from "@longwave/protocol";
import type { Clock } from "../../ports/clock.ts";

const MARK_MS = 5_000;

/** Everything up to `through` was given out early enough to be old at `agedMs`, on the monotonic clock. */
interface Mark {
  readonly agedMs: number;
  through: Timetoken;
}

/** Tells what is old. */
export class QueueAge {
  readonly #clock: Clock;
  readonly #ageMs: number;
  #marks: Mark[];
  #passed: Timetoken;

  /**
   * @param ageMs the time that messages have.
   * @param passed what is old already.
   * @param saved what {@link print} said in the process before this one.
   */
  constructor(clock: Clock, ageMs: number, passed: Timetoken, saved = "") {
    this.#clock = clock;
    this.#ageMs = ageMs;
    this.#passed = passed;
    const nowMs = clock.monotonicMs();
    this.#marks = parseMarks(saved).map(({ through, inMs }) => ({ through, agedMs: nowMs + inMs }));
  }

  /** Notes that a timetoken has been given out by now, and none after it. */
  note(timetoken: Timetoken): void {
    const agedMs = Math.ceil(this.#clock.monotonicMs() / MARK_MS) * MARK_MS + this.#ageMs;
    const newest = this.#marks.at(-1);
    if (newest && newest.through >= timetoken) return; // a repeat whose first try was not kept comes with that one's
    if (newest?.agedMs === agedMs) {
      newest.through = timetoken;
      return;
    }
    this.#pass();
    this.#marks.push({ agedMs, through: timetoken });
  }

  /** Everything up to here is old. */
  get passed(): Timetoken {
    this.#pass();
    return this.#passed;
  }

  /** What the next process has to know. */
  print(): string {
    const { passed } = this; // first, since it drops marks
    const nowMs = this.#clock.monotonicMs();
    const marks = this.#marks.map(({ agedMs, through }) => `${through} ${Math.ceil(agedMs - nowMs)}`);
    return [`${passed} 0`, ...marks].join("\n");
  }

  #pass(): void {
    const nowMs = this.#clock.monotonicMs();
    const young = this.#marks.findIndex(({ agedMs }) => agedMs > nowMs);
    const old = this.#marks.splice(0, young === -1 ? this.#marks.length : young);
    this.#passed = old.at(-1)?.through ?? this.#passed;
  }
}

function parseMarks(text: string): readonly { readonly through: Timetoken; readonly inMs: number }[] {
  const lines = text === "" ? [] : text.split("\n");
  return lines.map((line) => {
    const [through = "0", inMs = "0"] = line.split(" ");
    return { through: BigInt(through), inMs: Number(inMs) };
  });
}
