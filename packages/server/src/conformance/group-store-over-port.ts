/**
 * A group store on the other side of a MessagePort, so that its suite cannot lean on shared memory.
 *
 * @module
 */
import type { GroupStore } from "../ports/group-store.ts";
import { callsOverPort } from "./calls-over-port.ts";

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
