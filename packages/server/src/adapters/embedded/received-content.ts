/**
 * Content on its way into a blob store: counted, digested and bounded piece by piece.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { PutOutcome } from "../../ports/blob-store.ts";

/** A refusal that a blob store makes itself while it writes. */
export class WriteRefused extends Error {}

/**
 * Hands content over, a piece at a time, to whoever writes it.
 *
 * @param write fulfilled when the piece has been taken; a failure of it is a {@link WriteRefused}.
 * @returns `kept` when everything has been handed over, else why not. The content is told when nobody wants more of it.
 */
export async function receiveContent(
  content: AsyncIterable<Uint8Array>,
  bytesMax: number,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<PutOutcome> {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    for await (const piece of content) {
      bytes += piece.byteLength;
      if (bytes > bytesMax) return { kind: "tooLarge", bytes };
      hash.update(piece);
      await write(piece);
    }
  } catch (failure) {
    return failure instanceof WriteRefused ? { kind: "unavailable" } : { kind: "broken", failure };
  }
  return { kind: "kept", bytes, digest: hash.digest("hex") };
}
