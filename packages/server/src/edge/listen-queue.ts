/**
 * Makes the queue of connections that wait to be accepted as long as the system allows.
 *
 * The runtime fixes it at 512, which thousands of clients who come back at the same time overflow: the system drops their
 * first packets, and each tries again after a second. Calling listen(2) once more on a listening socket sets the length
 * anew; the runtime tells no descriptor, so the one that is bound to our port is looked for. Linux only; elsewhere, and
 * where the C library is another one, the queue stays as it is. See docs/adr/0008-listen-queue.md.
 *
 * @module
 */
import { FFIType, dlopen, ptr } from "bun:ffi";
import { readdirSync } from "node:fs";
import { LIMITS } from "@longwave/protocol";

const ADDRESS_BYTES = 128; // of a sockaddr_storage; the port is its third and fourth byte, whatever the family
const DESCRIPTORS = "/proc/self/fd";
const { i32, ptr: pointer } = FFIType;

/** Lengthens the queue of whatever this process listens with on a port. @returns whether it did. */
export function lengthenListenQueue(port: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    return lengthen(port);
  } catch {
    return false; // another C library, or no /proc: everything works as before
  }
}

function lengthen(port: number): boolean {
  const library = dlopen("libc.so.6", {
    getsockname: { args: [i32, pointer, pointer], returns: i32 },
    listen: { args: [i32, i32], returns: i32 },
  });
  const { getsockname, listen } = library.symbols;
  const portOf = (descriptor: number): number | undefined => {
    const address = new DataView(new ArrayBuffer(ADDRESS_BYTES));
    const length = new Uint32Array([ADDRESS_BYTES]);
    return getsockname(descriptor, ptr(address), ptr(length)) === 0 ? address.getUint16(2) : undefined;
  };
  const listening = readdirSync(DESCRIPTORS)
    .map(Number)
    .filter((descriptor) => portOf(descriptor) === port);
  // On a socket that is connected already the call fails and changes nothing.
  const done = listening.filter((descriptor) => listen(descriptor, LIMITS.listenQueueConnectionsMax) === 0);
  library.close();
  return done.length > 0;
}
