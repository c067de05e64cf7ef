/**
 * Starts and stops a network: opens its storage, builds its rooms (rooms.ts), lets its edge listen.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { type AccessRoom, type AccessRoomParts, openAccess, tellOpenKeysets } from "./access/access-room.ts";
import { makeSecrets } from "./access/keyset-office.ts";
import { type Keyset, KeysetDirectory } from "./access/keysets.ts";
import { onStorage, openDataDirectory, openInMemory } from "./adapters/embedded/data-directory.ts";
import { defaultMasterKeyFile, makeMasterKey, openMasterKey } from "./adapters/embedded/master-key.ts";
import { SqliteKeysetStore } from "./adapters/embedded/sqlite-keyset-store.ts";
import { systemClock } from "./adapters/embedded/system-clock.ts";
import { ApnsGateway } from "./adapters/push/apns-gateway.ts";
import { FcmGateway } from "./adapters/push/fcm-gateway.ts";
import { Filters } from "./channels/filters.ts";
import { Admission } from "./edge/admission.ts";
import { TrustedProxies, parseNetworks } from "./edge/client-address.ts";
import { type Edge, type ListenOptions, listen } from "./edge/listener.ts";
import { type Log, createLog } from "./observe/log.ts";
import { Metrics } from "./observe/metrics.ts";
import { createTracing } from "./observe/tracing.ts";
import { DEFAULT_OPTIONS, type ServerOptions } from "./options.ts";
import type { ActionsReader } from "./ports/action-store.ts";
import type { BlobStore } from "./ports/blob-store.ts";
import type { Clock } from "./ports/clock.ts";
import type { PushGateways } from "./ports/push-gateway.ts";
import { removeKeyset, removeLeftBehind } from "./push/registrations.ts";
import { StartupError } from "./startup-error.ts";
import { buildRooms, stopRooms } from "./rooms.ts";

/** A network that runs. */
export interface Network {
  /** Where it listens: scheme, host and port, without a slash at the end. */
  readonly url: string;
  readonly keysets: readonly Keyset[];
  /** The admin token, only at the start that made it: nowhere else can it be read. */
  readonly adminToken: string | undefined;
  /** Polls that are held now. */
  readonly heldPolls: number;
  /** Event streams and WebSockets that are open now. */
  readonly streams: number;
  /** Channels, wildcards and groups that somebody waits for now. */
  readonly awaitedNames: number;
  /** Drains: held polls are answered, what was acknowledged is written, connections close. May be called twice. */
  stop(): Promise<void>;
}

/** What a network is made with besides its options; for tests. */
export interface NetworkParts {
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
  /** Besides the demo keyset. */
  readonly keysets?: readonly Keyset[] | undefined;
  readonly actionsReader?: ActionsReader | undefined;
  readonly pushGateways?: PushGateways | undefined;
  /** Between the files and the store of their content. */
  readonly blobs?: ((store: BlobStore) => BlobStore) | undefined;
}

/**
 * Starts a network.
 *
 * @param options any of the options; the others have their defaults.
 * @param parts for tests: a clock that is moved by hand, a log that is read, keysets.
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
  const publicOrigin = readPublicOrigin(settings);
  const admission = admissionOf(clock, settings);
  const storage = settings.memory ? openInMemory() : openDataDirectory(settings.dataDir, settings.synchronous);
  const keysets = new KeysetDirectory();
  for (const warning of storage.warnings) log.warn(warning);
  const ground = { clock, log, metrics, storage, keysets, wrapBlobs: parts.blobs };
  const gateways = parts.pushGateways ?? { fcm: new FcmGateway({ clock }), apns: new ApnsGateway({ clock }) };
  const rooms = onStorage(storage, settings.dataDir, () => buildRooms(ground, settings, gateways));
  const { access, admin, madeAdminToken, isKept } = await openAccessOr(() => stopRooms(rooms, storage), {
    settings,
    parts: {
      store: new SqliteKeysetStore(storage.reading, storage.writer),
      clock,
      directory: keysets,
      announce: ({ keyset }) => void rooms.broker.announce(keyset, { kind: "accessChanged" }),
      removed: async (keyset) => {
        await Promise.all([rooms.files.removeKeyset(keyset), removeKeyset(rooms.push, keyset)]);
      },
    },
  });
  for (const keyset of parts.keysets ?? []) keysets.put(keyset, makeSecrets());
  await orUndo(
    () => Promise.all([rooms.files.start(isKept), removeLeftBehind(rooms.push, isKept)]),
    () => stopRooms(rooms, storage),
  );
  let isReady = true;
  const edge = await listenOr(
    () =>
      listen(
        {
          ...rooms,
          filters: new Filters(),
          actionsReader: parts.actionsReader ?? rooms.actionStore,
          clock,
          log,
          metrics,
          keysets,
          access,
          admin,
          admission,
          traced: createTracing(),
          isReady: () => isReady,
          publicOrigin,
        },
        { host: settings.host, port: settings.port, idleSeconds: settings.idleSeconds, tls },
      ),
    () => stopRooms(rooms, storage),
    settings,
  );
  rooms.notifier.start();
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
    get streams() {
      return rooms.subscriptions.streams;
    },
    get awaitedNames() {
      return rooms.subscriptions.index.names;
    },
    stop: () => (stopping ??= drain()),
  };
}

interface AccessOpening {
  readonly settings: ServerOptions;
  readonly parts: Omit<AccessRoomParts, "masterKey">;
}

function openAccessOr(undo: () => Promise<void>, { settings, parts }: AccessOpening): Promise<AccessRoom> {
  return orUndo(() => openAccess({ ...parts, masterKey: masterKeyOf(settings) }, settings), undo);
}

async function orUndo<Result>(run: () => Promise<Result>, undo: () => Promise<void>): Promise<Result> {
  try {
    return await run();
  } catch (refusal) {
    await undo();
    throw refusal;
  }
}

function masterKeyOf({ memory, dataDir, masterKeyFile }: ServerOptions): Uint8Array {
  return memory ? makeMasterKey() : openMasterKey(masterKeyFile ?? defaultMasterKeyFile(dataDir));
}

function admissionOf(clock: Clock, settings: ServerOptions): Admission {
  const { trustedProxies = "", requestsPerSecondPerAddress, pollsPerAddress } = settings;
  const networks = trustedProxies === "" ? [] : parseNetworks(trustedProxies);
  if (!networks) throw new StartupError(`"${trustedProxies}" names no proxies: write addresses, or networks as CIDR.`);
  return new Admission(clock, {
    requestsPerSecondPerAddress,
    pollsPerAddress,
    trustedProxies: new TrustedProxies(networks),
  });
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

function readPublicOrigin({ publicUrl }: ServerOptions): string | undefined {
  if (publicUrl === undefined) return undefined;
  if (URL.canParse(publicUrl) && /^https?:$/.test(new URL(publicUrl).protocol)) return new URL(publicUrl).origin;
  throw new StartupError(`--public-url ${publicUrl} is no address. Name one as https://network.example.`);
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
