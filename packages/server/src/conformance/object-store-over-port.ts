/**
 * An object store on the other side of a MessagePort, so that its suite cannot lean on shared memory.
 *
 * @module
 */
import type { ObjectStore } from "../ports/object-store.ts";
import { callsOverPort } from "./calls-over-port.ts";

/** An object store behind a MessagePort, which is closed when the store is disposed of. */
export function objectStoreOverPort(store: ObjectStore): ObjectStore & Disposable {
  const { call, close } = callsOverPort(store);
  return {
    setMetadata: (request) => call("setMetadata", request),
    removeMetadata: (request) => call("removeMetadata", request),
    metadata: (place) => call("metadata", place),
    listMetadata: (request) => call("listMetadata", request),
    changeRelations: (request) => call("changeRelations", request),
    listRelations: (request) => call("listRelations", request),
    stop: () => call("stop"),
    [Symbol.dispose]: close,
  };
}
