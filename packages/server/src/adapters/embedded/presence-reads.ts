/**
 * Questions to the members of a keyset: who is where, how many, with what state.
 *
 * @module
 */
import type { ChannelPage, LeaveRequest, Occupant, PageRequest } from "../../ports/presence-store.ts";
import type { KeysetMembers, Member } from "./presence-members.ts";

/** State by channel; channels without any are left out. */
export function readStates(members: KeysetMembers, { uuid, channels }: LeaveRequest): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  for (const channel of channels) {
    const state = members.channels.get(channel)?.find(uuid)?.state;
    if (state !== undefined) states.set(channel, state);
  }
  return states;
}

/** Pages of occupants, until there are as many characters of them as there may be. */
export function readPages(members: KeysetMembers, request: PageRequest): readonly ChannelPage[] {
  const page = { ...request, lengthLeft: request.lengthMax };
  return request.channels.map((channel) => {
    const present = members.channels.get(channel)?.present;
    const occupants = present ? takePage(present, page) : [];
    return { channel, occupancy: present?.size ?? 0, occupants };
  });
}

/** Names of channels that have occupants, at most so many. */
export function readOccupied(members: KeysetMembers, channelsMax: number): readonly string[] {
  const names: string[] = [];
  for (const { name, present } of members.channels.values()) {
    if (names.length === channelsMax) break;
    if (present.size > 0) names.push(name);
  }
  return names;
}

interface OpenPage extends PageRequest {
  lengthLeft: number;
}

function takePage(present: ReadonlyMap<string, Member>, page: OpenPage): readonly Occupant[] {
  const { occupantsMax, offset, hasState } = page;
  const occupants: Occupant[] = [];
  if (occupantsMax === 0 || offset >= present.size) return occupants;
  let skipped = 0;
  for (const member of present.values()) {
    if (skipped++ < offset) continue;
    const state = hasState ? member.state : undefined;
    page.lengthLeft -= member.uuid.length + (state?.length ?? 0);
    if (page.lengthLeft < 0) break;
    occupants.push({ uuid: member.uuid, state });
    if (occupants.length === occupantsMax) break;
  }
  return occupants;
}
