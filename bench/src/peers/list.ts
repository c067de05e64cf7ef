/**
 * Whom Longwave is measured beside.
 *
 * @module
 */
import { CENTRIFUGO } from "./centrifugo.ts";
import { LIMIT, LONGWAVE } from "./longwave.ts";
import { MOSQUITTO } from "./mosquitto.ts";
import { NATS } from "./nats.ts";
import { NCHAN } from "./nchan.ts";
import type { Peer } from "./peer.ts";
import { SOCKET_IO, SOCKET_IO_ON_BUN } from "./socket-io.ts";

/** All of them, in the order in which they are measured. */
export const PEERS: readonly Peer[] = [
  LONGWAVE,
  LIMIT,
  SOCKET_IO,
  SOCKET_IO_ON_BUN,
  NATS,
  CENTRIFUGO,
  MOSQUITTO,
  NCHAN,
];
