/**
 * What both ends of a Longwave connection must agree on: names, timetokens, envelopes, errors, limits, routes.
 *
 * Pure: no input or output, no timers, no runtime interface; it runs in Node, Bun, Deno, browsers and workers.
 *
 * @module
 */
export * from "./base64url.ts";
export * from "./channel-name.ts";
export * from "./envelope.ts";
export * from "./errors.ts";
export * from "./network-error.ts";
export * from "./filter/index.ts";
export * from "./group-name.ts";
export * from "./json-text.ts";
export * from "./limits.ts";
export * from "./raw-json.ts";
export * from "./permissions.ts";
export * from "./routes.ts";
export * from "./signature.ts";
export * from "./timetoken.ts";
export * from "./token.ts";
