/**
 * What subscriptions as objects ask of the client: to receive their names, and to let go of those that nobody else wants.
 *
 * Rules: spec/SDK.md SDK44, SDK45.
 *
 * @module
 */
import type { Engine } from "../engine.ts";
import type { Report } from "../listeners.ts";
import { type Names, difference, isEmpty, readTimetoken, union } from "../subscription/names.ts";
import type { Member } from "./members.ts";

/** What a subscription object needs of its client. */
export interface Hub {
  readonly report: Report;
  /** Subscribes the member's names, or such as were added to it. */
  join(member: Member, timetoken?: string): void;
  /** Unsubscribes names of the member that nobody else wants; it stays a member while it keeps others. */
  leave(member: Member, names: Names, stays: boolean): void;
}

/** The hub of a client. */
export function hubOf(engine: Engine): Hub {
  const { report, members, subscription } = engine;
  return {
    report,
    join: (member, timetoken) => {
      const from = readTimetoken(timetoken);
      const names = union(subscription.names, member.names);
      const isNew = !isEmpty(difference(names, subscription.names));
      if (isNew || from !== undefined) engine.join(names, from);
      members.add(member);
    },
    leave: (member, names, stays) => {
      const gone = members.remove(member, names);
      if (stays) members.add(member);
      const left = stays ? difference(gone, member.names) : gone;
      if (!isEmpty(left)) engine.leave(left);
    },
  };
}
