/**
 * Payloads on their way through a crypto module: sealed before they are sent, opened before anybody is told of them.
 *
 * Rules: spec/SDK.md SDK49, SDK50.
 *
 * @module
 */
import { type Envelope, classifyEnvelope } from "@longwave/protocol";
import { PubNubError } from "../errors.ts";
import type { CryptoModule } from "./crypto-module.ts";

/** What says that a payload is still as it came. */
export interface DecryptionFailure {
  /** Why the message could not be decrypted; it is then as it came. Only there with a crypto module. */
  readonly error?: string | undefined;
}

/** A payload that was opened, or could not be. */
export interface OpenedPayload extends DecryptionFailure {
  readonly payload: unknown;
}

/** An envelope whose payload was opened, or could not be. */
export type OpenedEnvelope = Envelope & DecryptionFailure;

/** Reads what a ciphertext holds: JSON, and other text as it is. */
export async function decryptJson(cryptoModule: CryptoModule, sealed: string): Promise<unknown> {
  const text = await cryptoModule.decrypt(sealed);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Opens a payload. Only texts can be sealed ones; anything else is handed on. */
export async function openPayload(cryptoModule: CryptoModule, payload: unknown): Promise<OpenedPayload> {
  if (typeof payload !== "string") return { payload };
  try {
    return { payload: await decryptJson(cryptoModule, payload) };
  } catch (failure) {
    const reason = failure instanceof PubNubError ? failure.message : "its cryptor failed.";
    return { payload, error: `Error while decrypting message content: ${reason}` };
  }
}

/** Opens the messages, and those that announce files, among envelopes; their order stays. */
export function openEnvelopes(
  cryptoModule: CryptoModule,
  envelopes: readonly Envelope[],
): Promise<readonly OpenedEnvelope[]> {
  return Promise.all(
    envelopes.map(async (envelope) => {
      const kind = classifyEnvelope(envelope);
      if (kind !== "message" && kind !== "file") return envelope;
      const { payload, ...rest } = await openPayload(cryptoModule, envelope.d);
      return { ...envelope, d: payload, ...rest };
    }),
  );
}
