/**
 * The rooms of a network and the adapters that each stands on; `main.ts` starts and stops them.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DEFAULT_KEYSET_SETTINGS, type KeysetSettings } from "./access/keyset-settings.ts";
import { KeysetDirectory } from "./access/keysets.ts";
import { NO_PUSH } from "./access/push-credentials.ts";
import { Actions } from "./actions/actions.ts";
import { DiskBlobStore, FILES_DIRECTORY } from "./adapters/embedded/disk-blob-store.ts";
import { MemoryBlobStore } from "./adapters/embedded/memory-blob-store.ts";
import { type EmbeddedStorage } from "./adapters/embedded/data-directory.ts";
import { MemoryBroker } from "./adapters/embedded/memory-broker.ts";
import { MemoryPresenceStore } from "./adapters/embedded/memory-presence-store.ts";
import { PresenceJournal } from "./adapters/embedded/presence-journal.ts";
import { SqliteActionStore } from "./adapters/embedded/sqlite-action-store.ts";
import { SqliteFileStore } from "./adapters/embedded/sqlite-file-store.ts";
import { SqliteGroupStore } from "./adapters/embedded/sqlite-group-store.ts";
import { SqliteMessageStore } from "./adapters/embedded/sqlite-message-store.ts";
import { SqliteObjectStore } from "./adapters/embedded/sqlite-object-store.ts";
import { SqlitePushQueue } from "./adapters/embedded/sqlite-push-queue.ts";
import { SqlitePushStore } from "./adapters/embedded/sqlite-push-store.ts";
import { S3BlobStore } from "./adapters/s3/s3-blob-store.ts";
import { readS3Credentials } from "./adapters/s3/s3-credentials.ts";
import { publish } from "./channels/publish.ts";
import { Subscriptions } from "./channels/subscribe.ts";
import { Turns } from "./channels/turns.ts";
import { KeepAlive } from "./edge/keep-alive.ts";
import { Files } from "./files/files.ts";
import { GroupDirectory } from "./groups/group-directory.ts";
import type { GroupPorts } from "./groups/groups.ts";
import { type Log } from "./observe/log.ts";
import { Metrics } from "./observe/metrics.ts";
import { Objects } from "./objects/objects.ts";
import { type ServerOptions } from "./options.ts";
import type { ActionStore } from "./ports/action-store.ts";
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

/** Every room of a network, built. */
export interface Rooms {
  readonly broker: MemoryBroker;
  readonly messages: SqliteMessageStore;
  readonly subscriptions: Subscriptions;
  readonly turns: Turns;
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
export interface Ground {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly storage: EmbeddedStorage;
  readonly keysets: KeysetDirectory;
  /** Between the files and the store of their content; for tests. */
  readonly wrapBlobs: ((store: BlobStore) => BlobStore) | undefined;
}

/** Builds all rooms on opened storage. Nothing of them runs yet. @throws {StartupError} where one cannot be built, in a sentence. */
export function buildRooms(ground: Ground, settings: ServerOptions, gateways: PushGateways): Rooms {
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
  const turns = new Turns(clock);
  const ports = { broker, messages, clock, groups: groupDirectory, turns };
  const subscriptions = new Subscriptions(ports, settings.holdSeconds);
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
    turns,
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

function settingsOf(keysets: KeysetDirectory, keyset: string): KeysetSettings {
  return keysets.find(keyset) ?? DEFAULT_KEYSET_SETTINGS;
}

/** Stops all rooms and closes the storage. The message store comes last: it closes the writer that all of them use. */
export async function stopRooms(rooms: Rooms, storage: EmbeddedStorage): Promise<void> {
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
