/**
 * Reads the idempotency id of a publish, `lw_id`, and makes the digest that tells a repeat from another message.
 *
 * Rules: spec/IDEMPOTENCY.md IDM1, IDM3.
 *
 * @module
 */
import { LIMITS, NetworkError } from "@longwave/protocol";
import type { MessageDraft, PublishId } from "../ports/message.ts";

/**
 * The id of a message, nothing where the publisher gave none.
 *
 * @throws {NetworkError} `publishIdMalformed`.
 */
export function readPublishId(text: string | undefined, draft: MessageDraft): PublishId | undefined {
  if (text === undefined || text === "") return undefined;
  if (!PUBLISH_ID.test(text)) throw new NetworkError("publishIdMalformed");
  return { id: text, digest: digestOf(draft) };
}

// Control characters, line and paragraph separators cannot be printed; a lone surrogate has no UTF-8 form, so the disk
// would give back another text than it was given.
const PUBLISH_ID = new RegExp(`^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]{1,${LIMITS.idempotencyIdCharactersMax}}$`, "u");

/** What a message says, in 22 characters: its type, its meta and its payload. Who sends it and how often is not in it. */
export function digestOf({ eventType, customMessageType, meta, payload }: MessageDraft): string {
  // None of these can hold a line feed, so one always stands between two of them.
  const said = `${eventType ?? ""}\n${customMessageType ?? ""}\n${meta ?? ""}\n${payload}`;
  return new Bun.CryptoHasher("sha256").update(said).digest("base64url").slice(0, DIGEST_CHARACTERS);
}

/** 132 bits: nobody finds two messages with the same by chance, or on purpose to any use. */
const DIGEST_CHARACTERS = 22;
