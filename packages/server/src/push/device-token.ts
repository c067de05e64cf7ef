/**
 * What names a device at a push gateway.
 *
 * Apple's tokens are bytes in hexadecimal digits, so their case means nothing; those of other gateways are opaque. Pure.
 * Rules: spec/PUSH.md PSH3.
 *
 * @module
 */
import { LIMITS, hasControlCharacter } from "@longwave/protocol";
import type { PushApp } from "../ports/push-store.ts";

/** The one spelling of a token under which it is kept and found. */
export function canonicalToken({ gateway }: PushApp, token: string): string {
  return gateway === "apns" || gateway === "apns2" ? token.toLowerCase() : token;
}

/** Whether a gateway could have given out such a token. */
export function isToken({ gateway }: PushApp, token: string): boolean {
  if (token === "" || token.length > LIMITS.pushTokenCharactersMax) return false;
  if (gateway === "apns" || gateway === "apns2") return /^[0-9a-f]+$/i.test(token);
  return token.isWellFormed() && !hasControlCharacter(token);
}
