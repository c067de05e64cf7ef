/**
 * Builds a network out of its rooms: the only place that chooses adapters.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type AccessRoom, type AccessRoomParts, openAccess, tellOpenKeysets } from "./access/access-room.ts";
import { DEFAULT_KEYSET_SETTINGS, type KeysetSettings } from "./access/keyset-settings.ts";
import { makeSecrets } from "./access/keyset-office.ts";
import { type Keyset, KeysetDirectory } from "./access/keysets.ts";
import { NO_PUSH } from "./access/push-credentials.ts";
import { Actions } from "./actions/actions.ts";
import { DiskBlobStore, FILES_DIRECTORY } from "./adapters/embedded/disk-blob-store.ts";
import { MemoryBlobStore } from "./adapters/embedded/memory-blob-store.ts";
import {
  type EmbeddedStorage,
  onStorage,
  openDataDirectory,
  openInMemory,
} from "./adapters/embedded/data-directory.ts";
import { MemoryBroker } from "./adapters/embedded/memory-broker.ts";
import { defaultMasterKeyFile, makeMasterKey, openMasterKey } from "./adapters/embedded/master-key.ts";
import { SqliteKeysetStore } from "./adapters/embedded/sqlite-keyset-store.ts";
import { MemoryPresenceStore } from "./adapters/embedded/memory-presence-store.ts";
import { PresenceJournal } from "./adapters/embedded/presence-journal.ts";
import { SqliteActionStore } from "./adapters/embedded/sqlite-action-store.ts";
import { SqliteFileStore } from "./adapters/embedded/sqlite-file-store.ts";
import { SqliteGroupStore } from "./adapters/embedded/sqlite-group-store.ts";
import { SqliteMessageStore } from "./adapters/embedded/sqlite-message-store.ts";
import { SqliteObjectStore } from "./adapters/embedded/sqlite-object-store.ts";
import { SqlitePushQueue } from "./adapters/embedded/sqlite-push-queue.ts";
import { SqlitePushStore } from "./adapters/embedded/sqlite-push-store.ts";
import { systemClock } from "./adapters/embedded/system-clock.ts";
import { ApnsGateway } from "./adapters/push/apns-gateway.ts";
import { FcmGateway } from "./adapters/push/fcm-gateway.ts";
import { S3BlobStore } from "./adapters/s3/s3-blob-store.ts";
import { readS3Credentials } from "./adapters/s3/s3-credentials.ts";
import { Filters } from "./channels/filters.ts";
import { publish } from "./channels/publish.ts";
import { Subscriptions } from "./channels/subscribe.ts";
import { Admission } from "./edge/admission.ts";
import { TrustedProxies, parseNetworks } from "./edge/client-address.ts";
import { KeepAlive } from "./edge/keep-alive.ts";
import { type Edge, type ListenOptions, listen } from "./edge/listener.ts";
import { Files } from "./files/files.ts";
import { GroupDirectory } from "./groups/group-directory.ts";
import type { GroupPorts } from "./groups/groups.ts";
import { type Log, createLog } from "./observe/log.ts";
import { Metrics } from "./observe/metrics.ts";
import { createTracing } from "./observe/tracing.ts";
import { Objects } from "./objects/objects.ts";
import { DEFAULT_OPTIONS, type ServerOptions } from "./options.ts";
import type { ActionStore, ActionsReader } from "./ports/action-store.ts";
import type { BlobStore } from "./ports/blob-store.ts";
import type { Broker } from "./ports/broker.ts";
import type { Clock } from "./ports/clock.ts";
import type { MessageDraft } from "./ports/message.ts";
import type { ObjectStore } from "./ports/object-store.ts";
import type { PushGateways } from "./ports/push-gateway.ts";
import type { PushQueue } from "./ports/push-queue.ts";
import { Presence } from "./presence/presence.ts";
import { Notifier } from "./push/notifier.ts";
import type { RegistrationPorts } from "./push/registrations.ts";
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
  /** Between the files and the store of their content. */
  readonly blobs?: ((store: BlobStore) => BlobStore) | undefined;
  readonly pushGateways?: PushGateways | undefined;
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
      removed: (keyset) => rooms.files.removeKeyset(keyset),
    },
  });
  for (const keyset of parts.keysets ?? []) keysets.put(keyset, makeSecrets());
  await orUndo(
    () => rooms.files.start(isKept),
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

interface Rooms {
  readonly broker: MemoryBroker;
  readonly messages: SqliteMessageStore;
  readonly subscriptions: Subscriptions;
  readonly keepAlive: KeepAlive;
  readonly groups: GroupPorts;
  readonly actionStore: ActionStore;
  readonly actions: Actions;
  readonly presence: Presence;
  readonly objectStore: ObjectStore;
  readonly objects: Objects;
  readonly files: Files;
  readonly push: RegistrationPorts;
  readonly pushQueue: PushQueue;
  readonly notifier: Notifier;
}

/** What every room stands on. */
interface Ground {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly storage: EmbeddedStorage;
  readonly keysets: KeysetDirectory;
  readonly wrapBlobs: NetworkParts["blobs"];
}

function buildRooms(ground: Ground, settings: ServerOptions, gateways: PushGateways): Rooms {
  const { clock, log, metrics, storage } = ground;
  const messages = new SqliteMessageStore(clock, storage.reading, storage.writer, {
    committed(count, elapsedMs, refusal) {
      metrics.committed(count, elapsedMs, refusal === undefined);
      if (refusal !== undefined) log.error("the disk refused a commit", { messages: count, reason: refusal });
    },
    damaged: ({ timetoken }) => {
      log.error("a stored message was damaged by the disk and is left out", { timetoken: String(timetoken) });
    },
  });
  const broker = new MemoryBroker(clock, messages);
  const { groups, groupDirectory } = buildGroups(log, storage, broker);
  const subscriptions = new Subscriptions({ broker, messages, clock, groups: groupDirectory }, settings.holdSeconds);
  const keepAlive = new KeepAlive(clock);
  const actionStore = new SqliteActionStore(storage.reading, storage.writer, (reason) => {
    log.error("the disk refused changes of message actions", { reason });
  });
  const emit = async (keyset: string, draft: MessageDraft): Promise<boolean> => {
    const outcome = await publish({ broker, messages }, { keyset, draft, isFire: false });
    return outcome.kind === "sent";
  };
  const actions = new Actions({ store: actionStore, broker, emit });
  const objectStore = new SqliteObjectStore(storage.reading, storage.writer, (reason) => {
    log.error("the disk refused a change of objects", { reason });
  });
  const objects = new Objects({ store: objectStore, clock, emit });
  const members = buildPresenceStore(ground, settings);
  const presence = buildPresence(ground, members, groupDirectory, emit);
  const push = buildPush(ground, gateways, emit);
  metrics.observe({
    delivered: () => subscriptions.delivered,
    heldPolls: () => subscriptions.held,
    streams: () => subscriptions.streams,
    queueBytes: () => broker.queueBytes,
    commitBacklog: () => messages.backlogMessages,
    presenceMembers: () => members.size,
    pushJobs: () => push.pushQueue.size,
  });
  const files = buildFiles(ground, settings);
  return {
    broker,
    messages,
    subscriptions,
    keepAlive,
    groups,
    actionStore,
    actions,
    presence,
    objectStore,
    objects,
    files,
    ...push,
  };
}

interface PushRoom {
  readonly push: RegistrationPorts;
  readonly pushQueue: SqlitePushQueue;
  readonly notifier: Notifier;
}

function buildPush(
  { clock, log, metrics, storage, keysets }: Ground,
  gateways: PushGateways,
  emit: (keyset: string, draft: MessageDraft) => Promise<boolean>,
): PushRoom {
  const refused = (reason: string): void => log.error("the disk refused a write of push", { reason });
  const store = new SqlitePushStore(storage.reading, storage.writer, refused);
  const queue = new SqlitePushQueue(storage.reading, storage.writer, refused);
  const notifier = new Notifier({
    queue,
    store,
    gateways,
    clock,
    credentialsOf: (keyset) =>
      keysets.find(keyset)?.hasPush ? (keysets.secretsOf(keyset)?.push ?? NO_PUSH) : undefined,
    emit,
    count: (provider, outcome, notifications) => metrics.pushed(provider, outcome, notifications),
    failed: (failure) => log.error("push met a bug", { reason: String(failure) }),
    chance: Math.random,
  });
  return { push: { store, clock }, pushQueue: queue, notifier };
}

function buildFiles(ground: Ground, settings: ServerOptions): Files {
  const { clock, log, storage, keysets, wrapBlobs } = ground;
  const refused = (reason: string): void => log.error("the disk refused a write of files", { reason });
  const store = new SqliteFileStore(storage.reading, storage.writer, refused);
  const blobs = buildBlobStore(ground, settings);
  return new Files({ blobs: wrapBlobs ? wrapBlobs(blobs) : blobs, store, clock, keysets });
}

function buildBlobStore(
  { clock, log }: Ground,
  { memory, dataDir, synchronous, s3Bucket, s3Endpoint, s3Region, s3Prefix, s3CredentialsFile }: ServerOptions,
): BlobStore {
  if (memory) return new MemoryBlobStore();
  if (s3Bucket !== undefined) {
    const readFile = (path: string): string => readFileSync(path, "utf8");
    const credentials = readS3Credentials({ file: s3CredentialsFile, env: process.env, readFile });
    const refused = (reason: string): void => log.error("the S3 service refused a call about files", { reason });
    const place = { endpoint: s3Endpoint, bucket: s3Bucket, region: s3Region, prefix: s3Prefix };
    return new S3BlobStore({ ...place, credentials, clock, refused });
  }
  const refused = (reason: string): void => log.error("the disk refused a write of files", { reason });
  return new DiskBlobStore({ directory: join(resolve(dataDir), FILES_DIRECTORY), synchronous, refused });
}

interface GroupRoom {
  readonly groups: GroupPorts;
  readonly groupDirectory: GroupDirectory;
}

function buildGroups(log: Log, storage: EmbeddedStorage, broker: Broker): GroupRoom {
  const store = new SqliteGroupStore(storage.reading, storage.writer, {
    refused: (reason) => log.error("the disk refused a change of channel groups", { reason }),
  });
  const groupDirectory = new GroupDirectory(store);
  const announce = async (keyset: string, group: string): Promise<void> => {
    const outcome = await broker.announce(keyset, { kind: "groupChanged", group });
    // The change is kept although nobody can be told in order: at least nobody is given what was before.
    if (outcome === "unavailable") groupDirectory.changed(keyset, group);
  };
  return { groups: { store, announce }, groupDirectory };
}

function buildPresenceStore({ clock, log, storage, keysets }: Ground, { memory }: ServerOptions): MemoryPresenceStore {
  const refused = (reason: string): void => log.error("the disk refused a write of presence", { reason });
  return new MemoryPresenceStore({
    clock,
    announceMaxOf: (keyset) => {
      const { presenceEvents, presenceAnnounceMax } = settingsOf(keysets, keyset);
      return presenceEvents ? presenceAnnounceMax : Number.POSITIVE_INFINITY; // what is never announced need not be noted
    },
    journal: memory ? undefined : new PresenceJournal(clock, storage.reading, storage.writer, refused),
  });
}

function buildPresence(
  { clock, log, keysets }: Ground,
  store: MemoryPresenceStore,
  groups: GroupDirectory,
  emit: (keyset: string, draft: MessageDraft) => Promise<boolean>,
): Presence {
  return new Presence({
    store,
    clock,
    emit: async (keyset, draft) => {
      await emit(keyset, draft);
    },
    settingsOf: (keyset) => settingsOf(keysets, keyset),
    failed: (failure) => log.error("presence met a bug", { reason: String(failure) }),
    membersOf: (keyset, group) => groups.members(keyset, group),
  });
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

function settingsOf(keysets: KeysetDirectory, keyset: string): KeysetSettings {
  return keysets.find(keyset) ?? DEFAULT_KEYSET_SETTINGS;
}

// The message store comes last: it closes the writer that all of them use.
async function stopRooms(rooms: Rooms, storage: EmbeddedStorage): Promise<void> {
  await rooms.presence.stop(); // while its last events can still be published
  rooms.subscriptions.stop();
  rooms.keepAlive.stop();
  await rooms.groups.store.stop();
  await rooms.actionStore.stop();
  await rooms.objectStore.stop();
  await rooms.files.stop();
  await rooms.notifier.stop();
  await rooms.push.store.stop();
  await rooms.pushQueue.stop();
  await rooms.broker.stop();
  await rooms.messages.stop(rooms.broker.last);
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
