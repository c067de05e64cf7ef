import { expect, test } from "bun:test";
import fc from "fast-check";
import { DeadlineWheel } from "./deadline-wheel.ts";
import { Channel, KeysetMembers, Member } from "./presence-members.ts";

const channel = new Channel(new KeysetMembers("sub-key"), "room");

test("a deadline wheel [PRE32 PRE33] takes exactly those whose time has come, however deadlines move", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ member: fc.nat(5), afterMs: fc.oneof(fc.nat(3_000), fc.nat(2_000_000)) }),
      fc.record({ member: fc.nat(5), isRemoved: fc.constant(true) }),
      fc.record({ advanceMs: fc.oneof(fc.nat(1_500), fc.nat(3_000_000)), most: fc.integer({ min: 1, max: 9 }) }),
    ),
    { maxLength: 50 },
  );
  fc.assert(
    fc.property(fc.nat(10_000), steps, (startMs, all) => {
      let nowMs = startMs;
      const wheel = new DeadlineWheel(nowMs);
      const members = Array.from({ length: 6 }, (_, at) => new Member(channel, `u${at}`));
      const deadlines = new Map<Member, number>();
      for (const step of all) {
        if ("advanceMs" in step) {
          nowMs += step.advanceMs;
          const due = [...deadlines].filter(([, deadlineMs]) => deadlineMs <= nowMs).map(([member]) => member);
          const taken = wheel.takeDue(nowMs, step.most);
          expect(taken).toHaveLength(Math.min(step.most, due.length));
          expect(taken.every((member) => due.includes(member))).toBe(true);
          for (const member of taken) deadlines.delete(member);
          continue;
        }
        const member = members[step.member];
        if (!member) continue;
        if ("isRemoved" in step) {
          wheel.remove(member);
          deadlines.delete(member);
        } else {
          wheel.set(member, nowMs + step.afterMs);
          deadlines.set(member, nowMs + step.afterMs);
        }
      }
    }),
  );
});
