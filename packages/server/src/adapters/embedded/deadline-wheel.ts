/**
 * Finds members whose deadline has passed, without looking at the others.
 *
 * A wheel of one-second slots. A later deadline, which every sign of life brings, only changes a number: the member is
 * found in its old slot when that comes up, and moved on. So a member costs one step in each timeout, not in each request.
 *
 * @module
 */
import { type Member, UNPLACED } from "./presence-members.ts";

const TICK_MS = 1_000;
/** Deadlines further ahead than the wheel stand in its last slot, and are moved on from there. */
const SLOTS = 512;

/** Members by deadline. */
export class DeadlineWheel {
  readonly #slots: (Member | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  /** The slot that is emptied next; every earlier one is empty. */
  #tick: number;

  /** @param nowMs where the clock of all deadlines stands. */
  constructor(nowMs: number) {
    this.#tick = Math.floor(nowMs / TICK_MS);
  }

  /** Gives a member a deadline. */
  set(member: Member, deadlineMs: number): void {
    member.deadlineMs = deadlineMs;
    const tick = this.#tickOf(deadlineMs);
    if (member.tick !== UNPLACED && member.tick <= tick) return;
    this.remove(member);
    this.#insert(member, tick);
  }

  /** Takes a member out; one that is in no slot stays so. */
  remove(member: Member): void {
    const { tick, before, after } = member;
    if (tick === UNPLACED) return;
    if (before) before.after = after;
    else this.#slots[tick % SLOTS] = after;
    if (after) after.before = before;
    member.tick = UNPLACED;
    member.before = undefined;
    member.after = undefined;
  }

  /** Takes out members whose deadline has passed, the earliest seconds first, at most so many. */
  takeDue(nowMs: number, membersMax: number): readonly Member[] {
    const due: Member[] = [];
    const lastTick = Math.floor(nowMs / TICK_MS);
    for (;;) {
      if (!this.#empty(nowMs, membersMax, due) || this.#tick >= lastTick) return due;
      this.#tick += 1;
    }
  }

  // Whether the slot holds nothing more that is due.
  #empty(nowMs: number, membersMax: number, due: Member[]): boolean {
    let member = this.#slots[this.#tick % SLOTS];
    while (member) {
      const { after } = member;
      if (member.deadlineMs <= nowMs) {
        if (due.length === membersMax) return false;
        this.remove(member);
        due.push(member);
      } else {
        this.#moveOn(member);
      }
      member = after;
    }
    return true;
  }

  #moveOn(member: Member): void {
    const tick = this.#tickOf(member.deadlineMs);
    if (tick === this.#tick) return; // due later in this very second
    this.remove(member);
    this.#insert(member, tick);
  }

  #insert(member: Member, tick: number): void {
    const first = this.#slots[tick % SLOTS];
    member.tick = tick;
    member.after = first;
    if (first) first.before = member;
    this.#slots[tick % SLOTS] = member;
  }

  #tickOf(deadlineMs: number): number {
    return Math.min(Math.max(Math.floor(deadlineMs / TICK_MS), this.#tick), this.#tick + SLOTS - 1);
  }
}
