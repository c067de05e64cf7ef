/**
 * The handlers of the routes of channel groups.
 *
 * Rules: spec/GROUPS.md GRP5-GRP13.
 *
 * @module
 */
import { NetworkError, type RouteName } from "@longwave/protocol";
import { EncodedBody } from "../channels/encoded-body.ts";
import { type GroupPorts, changeGroups, listChannels, listGroups, listNamespaces } from "../groups/groups.ts";
import type { GroupChange } from "../ports/group-store.ts";
import { answerBody } from "./answers.ts";
import { type Exchange, type Handler, keysetOf } from "./exchange.ts";
import { readEdit, readGroup, readNamespace } from "./group-request.ts";

type GroupRoute = Extract<
  RouteName,
  | "groups"
  | "group"
  | "groupRemove"
  | "namespaces"
  | "namespaceRemove"
  | "namespaceGroups"
  | "namespaceGroup"
  | "namespaceGroupRemove"
>;

/** What every request about channel groups comes down to. */
interface Asked {
  readonly ports: GroupPorts;
  /** The keyset's subscribe key. */
  readonly keyset: string;
  readonly exchange: Exchange;
}

// Of all refusals that of an unknown key comes first.
const ofKeyset =
  (answer: (asked: Asked) => Promise<Response>): Handler =>
  ({ groups: ports }, exchange) =>
    answer({ ports, keyset: keysetOf(exchange).subscribeKey, exchange });

/** This room's part of the handlers. */
export const GROUP_HANDLERS: Readonly<Record<GroupRoute, Handler>> = {
  groups: ofKeyset(answerGroups),
  group: ofKeyset(answerGroup),
  groupRemove: ofKeyset(answerDeleteGroup),
  namespaces: ofKeyset(answerNamespaces),
  namespaceRemove: ofKeyset(answerDeleteNamespace),
  namespaceGroups: ofKeyset(answerGroups),
  namespaceGroup: ofKeyset(answerGroup),
  namespaceGroupRemove: ofKeyset(answerDeleteGroup),
};

async function answerGroup(asked: Asked): Promise<Response> {
  const group = readGroup(asked.exchange);
  const edit = readEdit(group, asked.exchange.target.query);
  if (edit) return answerChange(asked, edit);
  const channels = await listChannels(asked.ports, asked.keyset, group);
  return answerRegistry(asked, { status: 200, payload: { channels, group } });
}

async function answerDeleteGroup(asked: Asked): Promise<Response> {
  return answerChange(asked, { kind: "deleteGroup", group: readGroup(asked.exchange) });
}

async function answerDeleteNamespace(asked: Asked): Promise<Response> {
  return answerChange(asked, { kind: "deleteNamespace", namespace: readNamespace(asked.exchange) });
}

async function answerGroups(asked: Asked): Promise<Response> {
  const namespace = readNamespace(asked.exchange);
  const groups = await listGroups(asked.ports, asked.keyset, namespace);
  return answerRegistry(asked, { status: 200, payload: { namespace, groups } });
}

async function answerNamespaces(asked: Asked): Promise<Response> {
  const namespaces = await listNamespaces(asked.ports, asked.keyset);
  return answerRegistry(asked, { status: 200, payload: { sub_key: asked.keyset, namespaces } });
}

const REFUSED_BY_STORE = {
  tooMany: "groupCountExceeded",
  unavailable: "groupsUnavailable",
  overloaded: "groupsOverloaded",
} as const;

async function answerChange(asked: Asked, change: GroupChange): Promise<Response> {
  const outcome = await changeGroups(asked.ports, asked.keyset, change);
  if (outcome.kind !== "done") throw new NetworkError(REFUSED_BY_STORE[outcome.kind]);
  return answerRegistry(asked, { status: 200, message: "OK" });
}

function answerRegistry({ exchange }: Asked, members: object): Response {
  const text = JSON.stringify({ ...members, service: "channel-registry", error: false });
  return answerBody(new EncodedBody(text), { callback: undefined, request: exchange.request });
}
