/**
 * Centrifugo.
 *
 * Protocol: https://centrifugal.dev/docs/transports/client_protocol: "{}" is a ping and its answer; a frame may hold several
 * lines. JSON, as all the others send: with Protobuf the bytes would be other ones.
 *
 * For speed: nothing but fewer words in the log. https://centrifugal.dev/docs/server/infra_tuning is about descriptors and ports;
 * https://centrifugal.dev/docs/transports/websocket has settings that take less memory and cost processor time (its write
 * buffers), and compression, which is off. What saves system calls by waiting is in the paid edition, and no help to a
 * broadcast, as https://centrifugal.dev/docs/pro/client_message_batching says. Go itself takes as many threads as the
 * server has cores.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RawConnection } from "../raw-connection.ts";
import { startPeer } from "../servers.ts";
import { DIRECTORY, goModule } from "./installation.ts";
import { HOST, type Hear, IGNORE, PORTS, type Peer, connected } from "./peer.ts";

const VERSION = "v6.9.1";
const SETTINGS = {
  http_server: { address: HOST, port: PORTS.centrifugo },
  client: { insecure: true },
  channel: { without_namespace: { allow_subscribe_for_client: true, allow_publish_for_client: true } },
  log: { level: "error" },
};

/** The peer. */
export const CENTRIFUGO: Peer = {
  name: "Centrifugo (Go)",
  version: () => VERSION,
  install: goModule("github.com/centrifugal/centrifugo/v6", VERSION, "centrifugo"),
  start: () => {
    const settings = join(DIRECTORY, "centrifugo.json");
    writeFileSync(settings, JSON.stringify(SETTINGS));
    const command = [join(DIRECTORY, "centrifugo"), "-c", settings];
    return startPeer({ command, url: `http://${HOST}:${PORTS.centrifugo}` });
  },
  subscribe: async (connection, _at, hear) => {
    await connect(connection, hear);
    connection.send('{"id":2,"subscribe":{"channel":"room"}}');
  },
  publisher: async (connection, payload) => {
    await connect(connection, IGNORE);
    return () => connection.send(`{"id":3,"publish":{"channel":"room","data":${payload}}}`);
  },
};

async function connect(connection: RawConnection, hear: Hear): Promise<void> {
  const greeting = { target: "/connection/websocket", firstWord: '{"id":1,"connect":{}}' };
  await connected(connection, greeting, (frame, done) => {
    const text = frame.toString("latin1", 0, 16);
    if (text === "{}" || frame.includes("{}\n") || frame.includes("\n{}")) connection.send("{}");
    if (text.startsWith('{"id":1,')) done();
    else hear(frame);
  });
}
