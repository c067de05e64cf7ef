/**
 * Builds a network out of its rooms: the only place that chooses adapters.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { type AccessRoom, type AccessRoomParts, openAccess, tellOpenKeysets } from "./access/access-room.ts";
import type { Keyset } from "./access/keysets.ts";
import { type EmbeddedStorage, openDataDirectory, openInMemory } from "./adapters/embedded/data-directory.ts";
import { defaultMasterKeyFile, makeMasterKey, openMasterKey } from "./adapters/embedded/master-key.ts";
import { MemoryBroker } from "./adapters/embedded/memory-broker.ts";
import { SqliteKeysetStore } from "./adapters/embedded/sqlite-keyset-store.ts";
import { SqliteMessageStore } from "./adapters/embedded/sqlite-message-store.ts";
import { systemClock } from "./adapters/embedded/system-clock.ts";
import { Filters } from "./channels/filters.ts";
import { Subscriptions } from "./channels/subscribe.ts";
import { type Edge, type ListenOptions, listen } from "./edge/listener.ts";
import { type Log, createLog } from "./observe/log.ts";
import { Metrics } from "./observe/metrics.ts";
import { createTracing } from "./observe/tracing.ts";
import { DEFAULT_OPTIONS, type ServerOptions } from "./options.ts";
import type { Clock } from "./ports/clock.ts";
import { StartupError } from "./startup-error.ts";

/** A network that runs. */
export interface Network {
  /** Where it listens: scheme, host and port, without a slash at the end. */
  readonly url: string;
  readonly keysets: readonly Keyset[];
  /** The admin token, only at the start that made it: nowhere else can it be read. */
  readonly adminToken: string | undefined;
  /** Polls that are held now. */
  readonly heldPolls: number;
  /** Drains: held polls are answered, what was acknowledged is written, connections close. May be called twice. */
  stop(): Promise<void>;
}

/** What a network is made with besides its options; for tests. */
export interface NetworkParts {
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
}

/**
 * Starts a network.
 *
 * @param options any of the options; the others have their defaults.
 * @param parts for tests: a clock that is moved by hand, a log that is read.
 * @throws {StartupError} a sentence for people: the port is taken, the data directory cannot be used, …
 * @see docs/reference/options.md
 * @example
 * ```ts
 * const network = await startNetwork({ memory: true, port: 0 });
 * console.log(network.url); // http://127.0.0.1:49152
 * await network.stop();
 * ```
 */
export async function startNetwork(options: Partial<ServerOptions> = {}, parts: NetworkParts = {}): Promise<Network> {
  const settings: ServerOptions = { ...DEFAULT_OPTIONS, ...options };
  const clock = parts.clock ?? systemClock;
  const log = parts.log ?? createLog({ clock, ...logSettings(settings) });
  const metrics = new Metrics();
  const tls = readTls(settings);
  const storage = settings.memory ? openInMemory() : openDataDirectory(settings.dataDir, settings.synchronous);
  const rooms = buildRooms(clock, log, metrics, storage, settings);
  const { access, admin, madeAdminToken } = await openAccessOr(() => stopRooms(rooms, storage), {
    settings,
    parts: {
      store: new SqliteKeysetStore(storage.reading, storage.writer),
      clock,
      announce: () => {},
    },
  });
  let isReady = true;
  const edge = await listenOr(
    () =>
      listen(
        {
          ...rooms,
          filters: new Filters(),
          clock,
          log,
          metrics,
          keysets: access.directory,
          access,
          admin,
          traced: createTracing(),
          isReady: () => isReady,
        },
        { host: settings.host, port: settings.port, idleSeconds: settings.idleSeconds, tls },
      ),
    () => stopRooms(rooms, storage),
    settings,
  );
  tellOpenKeysets(access, log);
  let stopping: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    isReady = false;
    await rooms.subscriptions.drain(settings.drainSeconds * 1_000);
    await edge.stop();
    await stopRooms(rooms, storage);
  };
  return {
    url: edge.url,
    get keysets() {
      return access.directory.all;
    },
    adminToken: madeAdminToken,
    get heldPolls() {
      return rooms.subscriptions.held;
    },
    stop: () => (stopping ??= drain()),
  };
}

interface AccessOpening {
  readonly settings: ServerOptions;
  readonly parts: Omit<AccessRoomParts, "masterKey">;
}

async function openAccessOr(undo: () => Promise<void>, { settings, parts }: AccessOpening): Promise<AccessRoom> {
  try {
    return await openAccess({ ...parts, masterKey: masterKeyOf(settings) }, settings);
  } catch (refusal) {
    await undo();
    throw refusal;
  }
}

function masterKeyOf({ memory, dataDir, masterKeyFile }: ServerOptions): Uint8Array {
  return memory ? makeMasterKey() : openMasterKey(masterKeyFile ?? defaultMasterKeyFile(dataDir));
}

interface Rooms {
  readonly broker: MemoryBroker;
  readonly messages: SqliteMessageStore;
  readonly subscriptions: Subscriptions;
}

function buildRooms(
  clock: Clock,
  log: Log,
  metrics: Metrics,
  storage: EmbeddedStorage,
  settings: ServerOptions,
): Rooms {
  const messages = new SqliteMessageStore(clock, storage.reading, storage.writer, {
    committed(count, elapsedMs, refusal) {
      metrics.committed(count, elapsedMs, refusal === undefined);
      if (refusal !== undefined) log.error("the disk refused a commit", { messages: count, reason: refusal });
    },
  });
  const broker = new MemoryBroker(clock, messages);
  const subscriptions = new Subscriptions({ broker, messages, clock }, settings.holdSeconds);
  metrics.observe({
    delivered: () => subscriptions.delivered,
    heldPolls: () => subscriptions.held,
    queueBytes: () => broker.queueBytes,
    commitBacklog: () => messages.backlogMessages,
  });
  return { broker, messages, subscriptions };
}

async function stopRooms({ broker, messages, subscriptions }: Rooms, storage: EmbeddedStorage): Promise<void> {
  subscriptions.stop();
  await broker.stop();
  await messages.stop(broker.last);
  storage.close();
}

async function listenOr(start: () => Edge, undo: () => Promise<void>, settings: ServerOptions): Promise<Edge> {
  try {
    return start();
  } catch (refusal) {
    await undo();
    throw unableToListen(refusal, settings);
  }
}

function unableToListen(refusal: unknown, { host, port }: ServerOptions): StartupError {
  const code = refusal instanceof Error && "code" in refusal ? refusal.code : undefined;
  if (code === "EADDRINUSE") {
    return new StartupError(`Port ${port} of ${host} is in use. Stop what listens there, or name another with --port.`);
  }
  const reason = refusal instanceof Error ? refusal.message : String(refusal);
  return new StartupError(
    `Cannot listen on ${host}, port ${port}: ${reason}. Name another address with --host and --port.`,
  );
}

function readTls({ tlsCert, tlsKey }: ServerOptions): ListenOptions["tls"] {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  return { cert: readPem(tlsCert, "--tls-cert"), key: readPem(tlsKey, "--tls-key") };
}

function readPem(path: string, flag: string): string {
  try {
    const text = readFileSync(path, "utf8");
    if (text.includes("-----BEGIN ")) return text;
    throw new Error("it is not in PEM form");
  } catch (refusal) {
    const reason = refusal instanceof Error ? refusal.message : String(refusal);
    throw new StartupError(`${flag} ${path} cannot be used: ${reason}. Name a file in PEM form.`);
  }
}

function logSettings({
  logFormat,
  logLevel,
}: ServerOptions): Pick<Parameters<typeof createLog>[0], "format" | "level" | "write" | "colour"> {
  const isTerminal = process.stderr.isTTY;
  const automatic = isTerminal ? "pretty" : "json";
  return {
    format: logFormat === "auto" ? automatic : logFormat,
    level: logLevel,
    write: (line) => process.stderr.write(`${line}\n`),
    colour: isTerminal && process.env["NO_COLOR"] === undefined,
  };
}
