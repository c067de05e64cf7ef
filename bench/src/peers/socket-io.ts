/**
 * Socket.IO, under Node and under Bun.
 *
 * Protocol: https://socket.io/docs/v4/engine-io-protocol and socket-io-protocol: "0" opens, "40" connects, "2" asks, "3" answers.
 *
 * For speed: https://socket.io/docs/v4/performance-tuning advises the native add-ons of `ws`, which are installed here, or
 * `eiows` in place of `ws`, which is not measured: it has to be compiled, from sources that no registry has. What it says of
 * parsers is about binary data. Compression is off by default, and so is polling here. For Bun,
 * https://socket.io/blog/bun-engine advises an engine of its own.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RawConnection } from "../raw-connection.ts";
import { type BenchServer, startPeer } from "../servers.ts";
import { DIRECTORY, npmPackages } from "./installation.ts";
import { HOST, type Hear, IGNORE, PORTS, type Peer, connected } from "./peer.ts";

const VERSION = "4.8.4";
/** The directory of both. */
const INSTALLED = "socket-io";

const ROOM = `
io.on("connection", (socket) => {
  socket.join("room");
  socket.on("publish", (message) => io.to("room").emit("message", message));
});
`;

const ON_NODE = `
const { Server } = require("socket.io");
const listening = require("node:http").createServer().listen(${PORTS.socketIo}, "${HOST}");
const io = new Server(listening, { transports: ["websocket"], serveClient: false });
${ROOM}`;

// A served connection may be silent for longer than the interval of pings, as the engine's page says.
const ON_BUN = `
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
const io = new Server();
const engine = new Engine({ path: "/socket.io/", transports: ["websocket"] });
io.bind(engine);
${ROOM}
export default { hostname: "${HOST}", port: ${PORTS.socketIoBun}, idleTimeout: 30, ...engine.handler() };
`;

const CLIENT: Pick<Peer, "subscribe" | "publisher"> = {
  subscribe: (connection, _at, hear) => connect(connection, hear),
  publisher: async (connection, payload) => {
    await connect(connection, IGNORE);
    return () => connection.send(`42["publish",${payload}]`);
  },
};

async function connect(connection: RawConnection, hear: Hear): Promise<void> {
  await connected(connection, { target: "/socket.io/?EIO=4&transport=websocket" }, (frame, done) => {
    const text = frame.toString("latin1", 0, 2);
    if (text.startsWith("0")) connection.send("40");
    else if (text === "40") done();
    else if (text === "2") connection.send("3");
    else hear(frame);
  });
}

const INSTALLATION = npmPackages(INSTALLED, [
  `socket.io@${VERSION}`,
  "bufferutil@4.1.0",
  "utf-8-validate@6.0.6",
  "@socket.io/bun-engine@0.1.2",
]);

function start(runtime: string, name: string, source: string, port: number): Promise<BenchServer> {
  const program = join(DIRECTORY, INSTALLED, name);
  writeFileSync(program, source);
  return startPeer({ command: [runtime, program], url: `http://${HOST}:${port}`, env: { NODE_ENV: "production" } });
}

/** Under Node. */
export const SOCKET_IO: Peer = {
  name: "Socket.IO (Node)",
  version: () => VERSION,
  install: INSTALLATION,
  start: () => start("node", "server.cjs", ON_NODE, PORTS.socketIo),
  ...CLIENT,
};

/** Under Bun. */
export const SOCKET_IO_ON_BUN: Peer = {
  name: "Socket.IO (Bun)",
  version: () => VERSION,
  install: INSTALLATION,
  start: () => start(process.execPath, "server.mjs", ON_BUN, PORTS.socketIoBun),
  ...CLIENT,
};
