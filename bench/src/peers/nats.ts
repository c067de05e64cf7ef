/**
 * The NATS server, over WebSocket.
 *
 * Protocol: https://docs.nats.io/reference/reference-protocols/nats-protocol
 *
 * For speed: nothing. Of https://docs.nats.io/reference/config what costs is off by default: compression of WebSockets, traces,
 * JetStream. What remains are bounds on slow readers (`write_deadline`, `max_pending`), which are not reached here. Go itself
 * takes as many threads as the server has cores.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RawConnection } from "../raw-connection.ts";
import { startPeer } from "../servers.ts";
import { DIRECTORY, goModule } from "./installation.ts";
import { HOST, type Hear, IGNORE, PORTS, type Peer, connected } from "./peer.ts";

const VERSION = "v2.15.2";
const SETTINGS = `
host: "${HOST}"
port: ${PORTS.natsClients}
websocket { host: "${HOST}", port: ${PORTS.nats}, no_tls: true }
`;

/** The peer. */
export const NATS: Peer = {
  name: "NATS server (Go)",
  version: () => VERSION,
  install: goModule("github.com/nats-io/nats-server/v2", VERSION, "nats-server"),
  start: () => {
    const settings = join(DIRECTORY, "nats.conf");
    writeFileSync(settings, SETTINGS);
    const command = [join(DIRECTORY, "nats-server"), "-c", settings];
    return startPeer({ command, url: `http://${HOST}:${PORTS.nats}` });
  },
  subscribe: async (connection, _at, hear) => {
    await connect(connection, hear);
    connection.send("SUB room 1\r\n");
  },
  publisher: async (connection, payload) => {
    await connect(connection, IGNORE);
    return () => connection.send(`PUB room ${payload.length}\r\n${payload}\r\n`);
  },
};

async function connect(connection: RawConnection, hear: Hear): Promise<void> {
  await connected(connection, { target: "/" }, (frame, done) => {
    const text = frame.toString("latin1", 0, 4);
    if (text === "INFO") connection.send('CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\nPING\r\n');
    else if (text === "PONG") done();
    else if (text === "PING") connection.send("PONG\r\n");
    else hear(frame);
  });
}
