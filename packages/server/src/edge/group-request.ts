/**
 * Reads a request about channel groups: which group, in either form of its name, and what is to become of it.
 *
 * Rules: spec/GROUPS.md GRP1-GRP4, GRP8.
 *
 * @module
 */
import {
  LIMITS,
  NO_NAMESPACE,
  NetworkError,
  parseGroup,
  parseGroupInNamespace,
  parseGroupMember,
  parseNamespace,
  printGroup,
} from "@longwave/protocol";
import type { GroupChange } from "../ports/group-store.ts";
import { type Exchange, param } from "./exchange.ts";
import { type Query, decodeSegment, splitQueryList } from "./target.ts";

/**
 * The full name of the group that a path names: `…/channel-group/ns:group` and `…/namespace/ns/channel-group/group` name
 * the same.
 *
 * @throws {NetworkError} `groupInputReserved` or `groupInputTooLong`.
 */
export function readGroup(exchange: Exchange): string {
  const name = decodeSegment(param(exchange, "group"));
  const namespace = readNamespace(exchange);
  if (namespace === NO_NAMESPACE) return parseGroup(name);
  return printGroup({ namespace, name: parseGroupInNamespace(name) });
}

/**
 * The namespace that a path names; `""` on routes without one.
 *
 * @throws {NetworkError} `groupInputReserved` or `groupInputTooLong`.
 */
export function readNamespace(exchange: Exchange): string {
  if (!exchange.places.has("namespace")) return NO_NAMESPACE;
  return parseNamespace(decodeSegment(param(exchange, "namespace")));
}

/**
 * What a query asks to become of a group; nothing where it asks to list its channels.
 *
 * @param group its full name.
 * @throws {NetworkError} `groupInputReserved`, `groupInputTooLong`, or `groupCountExceeded` for too many channels.
 */
export function readEdit(group: string, query: Query): GroupChange | undefined {
  const add = query.get("add");
  const remove = query.get("remove");
  if (add === undefined && remove === undefined) return undefined;
  return { kind: "edit", group, add: readMembers(add), remove: readMembers(remove) };
}

function readMembers(list: string | undefined): readonly string[] {
  const channels = splitQueryList(list ?? "");
  if (channels.length > LIMITS.channelsPerGroupChangeMax) throw new NetworkError("groupCountExceeded");
  return channels.map(parseGroupMember);
}
