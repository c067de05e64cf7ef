/**
 * Ports spoken to from the other side of a MessagePort, so that no suite can lean on shared memory.
 *
 * Every argument and result is copied as a message between threads would be.
 *
 * @module
 */
import type { ActionStore } from "../ports/action-store.ts";
import type { Broker, LogEntry } from "../ports/broker.ts";
import type { FileStore } from "../ports/file-store.ts";
import type { GroupStore } from "../ports/group-store.ts";
import type { PresenceStore } from "../ports/presence-store.ts";
import type { PushQueue } from "../ports/push-queue.ts";
import type { PushStore } from "../ports/push-store.ts";
import { callsOverPort } from "./calls-over-port.ts";

/** A broker behind a MessagePort. What it announces comes over a second one, as it would from another process. */
export function brokerOverPort(broker: Broker): Broker & AsyncDisposable {
  const { call, close } = callsOverPort(broker);
  const { port1: near, port2: far } = new MessageChannel();
  const followers = new Set<(entries: readonly LogEntry[]) => void>();
  near.addEventListener("message", ({ data }: MessageEvent<readonly LogEntry[]>) => {
    for (const receive of followers) receive(data);
  });
  near.start();
  const unfollow = broker.follow((entries) => far.postMessage(entries));
  const stop = async (): Promise<void> => {
    unfollow();
    near.close();
    close();
    await broker.stop();
  };
  return {
    append: (keyset, draft, id) => call("append", keyset, draft, id),
    settle: (message, id, isKept) => call("settle", message, id, isKept),
    announce: (keyset, control) => call("announce", keyset, control),
    read: (request) => call("read", request),
    position: (keyset) => call("position", keyset),
    follow: (receive) => {
      followers.add(receive);
      return () => followers.delete(receive);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A presence store behind a MessagePort. */
export function presenceStoreOverPort(store: PresenceStore & AsyncDisposable): PresenceStore & AsyncDisposable {
  const { call, close } = callsOverPort<PresenceStore>(store);
  const stop = async (): Promise<void> => {
    close();
    await store.stop();
  };
  return {
    touch: (request) => call("touch", request),
    leave: (request) => call("leave", request),
    setState: (request) => call("setState", request),
    expire: (membersMax) => call("expire", membersMax),
    lease: (request) => call("lease", request),
    states: (request) => call("states", request),
    page: (request) => call("page", request),
    channelsOf: (keyset, uuid, channelsMax) => call("channelsOf", keyset, uuid, channelsMax),
    occupied: (keyset, channelsMax) => call("occupied", keyset, channelsMax),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** An action store behind a MessagePort, which is closed when the store is disposed of. */
export function actionStoreOverPort(store: ActionStore): ActionStore & Disposable {
  const { call, close } = callsOverPort(store);
  return {
    add: (request) => call("add", request),
    remove: (request) => call("remove", request),
    page: (request) => call("page", request),
    actionsOf: (request) => call("actionsOf", request),
    stop: () => call("stop"),
    [Symbol.dispose]: close,
  };
}

/** A file store behind a MessagePort, which is closed when the store is disposed of. */
export function fileStoreOverPort(store: FileStore): FileStore & Disposable {
  const { call, close } = callsOverPort(store);
  return {
    put: (file, bounds) => call("put", file, bounds),
    find: (place, nowMs) => call("find", place, nowMs),
    remove: (place, name) => call("remove", place, name),
    page: (request) => call("page", request),
    expire: (nowMs, filesMax) => call("expire", nowMs, filesMax),
    removeOf: (keyset, filesMax) => call("removeOf", keyset, filesMax),
    keysets: () => call("keysets"),
    named: (blobs) => call("named", blobs),
    stop: () => call("stop"),
    [Symbol.dispose]: close,
  };
}

/** A group store behind a MessagePort, which is closed when the store is disposed of. */
export function groupStoreOverPort(store: GroupStore): GroupStore & Disposable {
  const { call, close } = callsOverPort(store);
  return {
    change: (keyset, change) => call("change", keyset, change),
    members: (keyset, group) => call("members", keyset, group),
    groups: (keyset, namespace) => call("groups", keyset, namespace),
    namespaces: (keyset) => call("namespaces", keyset),
    stop: () => call("stop"),
    [Symbol.dispose]: close,
  };
}

/** A push store behind a MessagePort, which is closed when the store is disposed of. */
export function pushStoreOverPort(store: PushStore): PushStore & Disposable {
  const { call, close } = callsOverPort(store);
  return {
    change: (device, change) => call("change", device, change),
    removeDevice: (device, registeredThroughMs) => call("removeDevice", device, registeredThroughMs),
    channels: (device, request) => call("channels", device, request),
    devices: (request) => call("devices", request),
    keysets: () => call("keysets"),
    removeOf: (keyset, devicesMax) => call("removeOf", keyset, devicesMax),
    stop: () => call("stop"),
    [Symbol.dispose]: close,
  };
}

/** A push queue behind a MessagePort, which is closed when the queue is disposed of. */
export function pushQueueOverPort(queue: PushQueue): PushQueue & Disposable {
  const { call, close } = callsOverPort(queue);
  return {
    add: (message, notices, nowMs) => call("add", message, notices, nowMs),
    claim: (request) => call("claim", request),
    settle: (job, outcome, nowMs) => call("settle", job, outcome, nowMs),
    stop: () => call("stop"),
    [Symbol.dispose]: close,
  };
}
