/**
 * What a server is that Longwave is measured beside: how it is started, and what its clients say to it.
 *
 * Each has a file of its own here. Only what its own documentation says of its protocol is used; every server listens on the
 * loopback address alone, with its defaults and what its documentation advises for speed.
 *
 * @module
 */
import type { RawConnection } from "../raw-connection.ts";
import type { BenchServer } from "../servers.ts";
import type { Installation } from "./installation.ts";

/** Is given every frame. */
export type Hear = (frame: Buffer) => void;

/** One server. */
export interface Peer {
  readonly name: string;
  /** Asked once it is installed. */
  readonly version: () => string;
  /** What it needs; nothing for what is there. */
  readonly install?: Installation;
  readonly start: () => Promise<BenchServer>;
  /** Makes a subscriber of a connection. */
  readonly subscribe: (connection: RawConnection, at: number, hear: Hear) => Promise<void>;
  /** Makes a publisher of a connection. @returns what publishes once. */
  readonly publisher: (connection: RawConnection, payload: string) => Promise<() => void>;
}

/** Where every one of them listens. */
export const HOST = "127.0.0.1";

/** Ports that are theirs. */
export const PORTS = {
  socketIo: 21_981,
  nats: 21_982,
  natsClients: 21_983,
  centrifugo: 21_984,
  mosquitto: 21_985,
  nchan: 21_986,
  mosquittoClients: 21_987,
  socketIoBun: 21_988,
} as const;

/** For a publisher, who hears nothing. */
export const IGNORE: Hear = () => {};

/** How a client says hello. */
export interface Greeting {
  readonly target: string;
  /** What the connection speaks, where the server wants to know (`Sec-WebSocket-Protocol`). */
  readonly subprotocol?: string;
  /** What the client says first, where it has the first word. */
  readonly firstWord?: string | Uint8Array;
}

/** Upgrades, says the first word where the client has it, and waits until the server has greeted. */
export async function connected(
  connection: RawConnection,
  { target, subprotocol, firstWord }: Greeting,
  hear: (frame: Buffer, done: () => void) => void,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await connection.upgrade(target, (frame) => hear(frame, resolve), subprotocol);
  if (firstWord !== undefined) connection.send(firstWord);
  await promise;
}
