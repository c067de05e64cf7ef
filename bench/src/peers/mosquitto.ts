/**
 * Mosquitto: MQTT 3.1.1 over WebSocket, at quality of service 0.
 *
 * Settings: https://mosquitto.org/man/mosquitto-conf-5.html. For speed it names one, `set_tcp_nodelay`; `sys_interval` and the log are work that nobody
 * here asks for. Messages are kept in memory by default. What it says of queues is about other qualities of service.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RawConnection } from "../raw-connection.ts";
import { startPeer } from "../servers.ts";
import { DIRECTORY, debianEnvironment, debianPackages, debianPath, debianVersion } from "./installation.ts";
import { PACKET, connectPacket, publishPacket, subscribePacket, typeOf } from "./mqtt.ts";
import { HOST, type Hear, PORTS, type Peer, connected } from "./peer.ts";

const PROGRAM = "usr/sbin/mosquitto";
const TOPIC = "room";
// This release does not start with none but WebSocket listeners: it has one for plain clients, whom nobody sends.
const SETTINGS = `
listener ${PORTS.mosquittoClients} ${HOST}
listener ${PORTS.mosquitto} ${HOST}
protocol websockets
socket_domain ipv4
allow_anonymous true
set_tcp_nodelay true
sys_interval 0
log_dest none
`;

/** The peer. */
export const MOSQUITTO: Peer = {
  name: "Mosquitto (C)",
  version: () => debianVersion("mosquitto"),
  install: debianPackages(["mosquitto", "libwrap0", "libdlt2"], PROGRAM),
  start: () => {
    const settings = join(DIRECTORY, "mosquitto.conf");
    writeFileSync(settings, SETTINGS);
    const command = [debianPath(PROGRAM), "-c", settings];
    return startPeer({ command, url: `http://${HOST}:${PORTS.mosquitto}`, env: debianEnvironment() });
  },
  subscribe: async (connection, at, hear) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await connect(connection, `bench-${at}`, (packet) => {
      if (typeOf(packet) === PACKET.subscribeAck) resolve();
      else hear(packet);
    });
    connection.send(subscribePacket(TOPIC));
    await promise;
  },
  publisher: async (connection, payload) => {
    await connect(connection, "bench-publisher", () => {});
    const packet = publishPacket(TOPIC, payload);
    return () => connection.send(packet);
  },
};

async function connect(connection: RawConnection, clientId: string, hear: Hear): Promise<void> {
  const greeting = { target: "/mqtt", subprotocol: "mqtt", firstWord: connectPacket(clientId) };
  await connected(connection, greeting, (packet, done) => {
    if (typeOf(packet) === PACKET.connectAck) done();
    else hear(packet);
  });
}
