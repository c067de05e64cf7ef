/**
 * Longwave itself among its peers, and the bare server that it cannot be faster than.
 *
 * @module
 */
import { publishTarget, requireSent, subscribeTarget } from "../requests.ts";
import { startLimit, startLongwave } from "../servers.ts";
import type { Peer } from "./peer.ts";

// Both sides of our own wire.
const OURS: Pick<Peer, "subscribe" | "publisher"> = {
  subscribe: (connection, at, hear) => connection.upgrade(subscribeTarget({ uuid: `bench-${at}` }, "0"), hear),
  publisher: async (connection, payload) => {
    const target = publishTarget({ payload });
    return () => void connection.get(target).then(requireSent);
  },
};

/** The network, with its defaults. */
export const LONGWAVE: Peer = { name: "Longwave", version: () => "this", start: startLongwave, ...OURS };

/** The limit. */
export const LIMIT: Peer = { name: "bare `Bun.serve`", version: () => Bun.version, start: startLimit, ...OURS };
