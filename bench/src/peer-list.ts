/**
 * The servers that Longwave is measured beside: how each is installed and started, and what its clients say to it.
 *
 * Only what its own documentation says of its protocol is used; every server listens on the loopback address alone.
 *
 * @module
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishTarget, requireSent, subscribeTarget } from "./requests.ts";
import type { RawConnection } from "./raw-connection.ts";
import { type BenchServer, startLimit, startLongwave, startPeer } from "./servers.ts";

type Hear = (frame: Buffer) => void;

/** What installs a server, and what is there afterwards. */
interface Installation {
  readonly command: readonly string[];
  readonly makes: string;
}

/** One server. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** What it needs, and where it then lies; nothing for what is there. */
  readonly install?: Installation;
  readonly start: () => Promise<BenchServer>;
  /** Makes a subscriber of a connection. */
  readonly subscribe: (connection: RawConnection, at: number, hear: Hear) => Promise<void>;
  /** Makes a publisher of a connection. @returns what publishes once. */
  readonly publisher: (connection: RawConnection, payload: string) => Promise<() => void>;
}

const DIRECTORY = join(import.meta.dir, "../peers");
const VERSIONS = { socketIo: "4.8.4", nats: "v2.15.2", centrifugo: "v6.9.1" } as const;
const PORTS = { socketIo: 21_981, nats: 21_982, natsClients: 21_983, centrifugo: 21_984 } as const;
const HOST = "127.0.0.1";
const IGNORE: Hear = () => {};

/**
 * Installs a server unless it is there.
 *
 * @throws an error that says what failed.
 */
export async function installPeer({ name, install }: Peer): Promise<void> {
  if (!install || existsSync(install.makes)) return;
  mkdirSync(DIRECTORY, { recursive: true });
  const [program = ""] = install.command;
  if (Bun.which(program) === null) throw new Error(`${program} is not there to install it`);
  console.error(`Installing ${name} …`);
  const env = { ...process.env, GOBIN: DIRECTORY };
  const running = Bun.spawn([...install.command], { cwd: DIRECTORY, stdout: "ignore", stderr: "pipe", env });
  const complaints = await new Response(running.stderr).text();
  if ((await running.exited) !== 0)
    throw new Error(`it could not be installed: ${complaints.trim().split("\n").at(-1)}`);
}

function goModule(module: string, version: string, program: string): Installation {
  return { command: ["go", "install", `${module}@${version}`], makes: join(DIRECTORY, program) };
}

// Both sides of our own wire.
const OURS: Pick<Peer, "subscribe" | "publisher"> = {
  subscribe: (connection, at, hear) => connection.upgrade(subscribeTarget({ uuid: `bench-${at}` }, "0"), hear),
  publisher: async (connection, payload) => {
    const target = publishTarget({ payload });
    return () => void connection.get(target).then(requireSent);
  },
};

const LONGWAVE: Peer = { name: "Longwave", version: "this", start: startLongwave, ...OURS };
const LIMIT: Peer = { name: "bare `Bun.serve`", version: Bun.version, start: startLimit, ...OURS };

const SOCKET_IO_SERVER = `
const { Server } = require("socket.io");
const listening = require("node:http").createServer().listen(${PORTS.socketIo}, "${HOST}");
const io = new Server(listening, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  socket.join("room");
  socket.on("publish", (message) => io.to("room").emit("message", message));
});
`;

// https://socket.io/docs/v4/engine-io-protocol and socket-io-protocol: "0" opens, "40" connects, "2" asks, "3" answers.
const SOCKET_IO: Peer = {
  name: "Socket.IO (Node)",
  version: VERSIONS.socketIo,
  install: {
    command: ["npm", "install", "--prefix", DIRECTORY, "--no-audit", "--no-fund", `socket.io@${VERSIONS.socketIo}`],
    makes: join(DIRECTORY, "node_modules/socket.io"),
  },
  start: () => {
    const program = join(DIRECTORY, "socket-io.cjs");
    writeFileSync(program, SOCKET_IO_SERVER);
    return startPeer({
      command: ["node", program],
      url: `http://${HOST}:${PORTS.socketIo}`,
      env: { NODE_ENV: "production" },
    });
  },
  subscribe: (connection, _at, hear) => connectSocketIo(connection, hear),
  publisher: async (connection, payload) => {
    await connectSocketIo(connection, IGNORE);
    return () => connection.send(`42["publish",${payload}]`);
  },
};

async function connectSocketIo(connection: RawConnection, hear: Hear): Promise<void> {
  await connected(connection, "/socket.io/?EIO=4&transport=websocket", (frame, done) => {
    const text = frame.toString("latin1", 0, 2);
    if (text.startsWith("0")) connection.send("40");
    else if (text === "40") done();
    else if (text === "2") connection.send("3");
    else hear(frame);
  });
}

// https://docs.nats.io/reference/reference-protocols/nats-protocol
const NATS: Peer = {
  name: "NATS server (Go)",
  version: VERSIONS.nats,
  install: goModule("github.com/nats-io/nats-server/v2", VERSIONS.nats, "nats-server"),
  start: () => {
    const settings = join(DIRECTORY, "nats.conf");
    const socket = `websocket { host: "${HOST}", port: ${PORTS.nats}, no_tls: true }`;
    writeFileSync(settings, `host: "${HOST}"\nport: ${PORTS.natsClients}\n${socket}\n`);
    return startPeer({
      command: [join(DIRECTORY, "nats-server"), "-c", settings],
      url: `http://${HOST}:${PORTS.nats}`,
    });
  },
  subscribe: async (connection, _at, hear) => {
    await connectNats(connection, hear);
    connection.send("SUB room 1\r\n");
  },
  publisher: async (connection, payload) => {
    await connectNats(connection, IGNORE);
    return () => connection.send(`PUB room ${payload.length}\r\n${payload}\r\n`);
  },
};

async function connectNats(connection: RawConnection, hear: Hear): Promise<void> {
  await connected(connection, "/", (frame, done) => {
    const text = frame.toString("latin1", 0, 4);
    if (text === "INFO") connection.send('CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\nPING\r\n');
    else if (text === "PONG") done();
    else if (text === "PING") connection.send("PONG\r\n");
    else hear(frame);
  });
}

// https://centrifugal.dev/docs/transports/client_protocol: "{}" is a ping and its answer; a frame may hold several lines.
const CENTRIFUGO: Peer = {
  name: "Centrifugo (Go)",
  version: VERSIONS.centrifugo,
  install: goModule("github.com/centrifugal/centrifugo/v6", VERSIONS.centrifugo, "centrifugo"),
  start: () => {
    const settings = join(DIRECTORY, "centrifugo.json");
    const channel = { without_namespace: { allow_subscribe_for_client: true, allow_publish_for_client: true } };
    const server = { address: HOST, port: PORTS.centrifugo };
    writeFileSync(
      settings,
      JSON.stringify({ http_server: server, client: { insecure: true }, channel, log: { level: "error" } }),
    );
    const command = [join(DIRECTORY, "centrifugo"), "-c", settings];
    return startPeer({ command, url: `http://${HOST}:${PORTS.centrifugo}` });
  },
  subscribe: async (connection, _at, hear) => {
    await connectCentrifugo(connection, hear);
    connection.send('{"id":2,"subscribe":{"channel":"room"}}');
  },
  publisher: async (connection, payload) => {
    await connectCentrifugo(connection, IGNORE);
    return () => connection.send(`{"id":3,"publish":{"channel":"room","data":${payload}}}`);
  },
};

async function connectCentrifugo(connection: RawConnection, hear: Hear): Promise<void> {
  await connected(
    connection,
    "/connection/websocket",
    (frame, done) => {
      const text = frame.toString("latin1", 0, 16);
      if (text === "{}" || frame.includes("{}\n") || frame.includes("\n{}")) connection.send("{}");
      if (text.startsWith('{"id":1,')) done();
      else hear(frame);
    },
    '{"id":1,"connect":{}}',
  );
}

// Upgrades, says the first word where the client has it, and waits until the server has greeted.
async function connected(
  connection: RawConnection,
  target: string,
  hear: (frame: Buffer, done: () => void) => void,
  firstWord?: string,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await connection.upgrade(target, (frame) => hear(frame, resolve));
  if (firstWord !== undefined) connection.send(firstWord);
  await promise;
}

/** All of them, in the order in which they are measured. */
export const PEERS: readonly Peer[] = [LONGWAVE, LIMIT, SOCKET_IO, NATS, CENTRIFUGO];
