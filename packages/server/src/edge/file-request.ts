/**
 * Reads requests about files: every reason to refuse one, before anything is touched.
 *
 * Rules: spec/FILES.md FIL1, FIL2, FIL10, FIL15-FIL17, FIL20.
 *
 * @module
 */
import { LIMITS, NetworkError, parseChannel } from "@longwave/protocol";
import type { Keyset } from "../access/keysets.ts";
import { fitFileName } from "../files/file-name.ts";
import type { GivenForm, ListCommand } from "../files/files.ts";
import type { LinkSeal, NamedFile } from "../files/signed-links.ts";
import { readBodyText } from "./body.ts";
import { type Exchange, keysetOf, param } from "./exchange.ts";
import { decodeSegment } from "./target.ts";

/** A request for a form. */
export interface FormRequest {
  readonly keyset: Keyset;
  readonly channel: string;
  readonly name: string;
}

/**
 * Checks a request for a form to upload with.
 *
 * @throws {NetworkError} the first refusal, in the order: key, files off, channel, body, name.
 */
export async function readFormRequest(exchange: Exchange): Promise<FormRequest> {
  const keyset = keysetWithFiles(exchange);
  const channel = readChannel(exchange);
  const { name } = parseObject(await readText(exchange));
  const fit = fitFileName(name);
  if (fit === undefined) throw new NetworkError("fileNameMalformed");
  return { keyset, channel, name: fit };
}

/**
 * Checks a request for a page.
 *
 * @throws {NetworkError} the first refusal, in the order: key, files off, channel, limit, next.
 */
export function readFilesList(exchange: Exchange): ListCommand {
  const { query } = exchange.target;
  return {
    keyset: keysetWithFiles(exchange).subscribeKey,
    channel: readChannel(exchange),
    filesMax: readLimit(query.get("limit")),
    after: readNext(query.get("next")),
  };
}

/**
 * Checks a request for one file, or to delete it. Which identifiers and names there are, the store knows.
 *
 * @throws {NetworkError} the first refusal, in the order: key, files off, channel.
 */
export function readFileRequest(exchange: Exchange): NamedFile {
  const keyset = keysetWithFiles(exchange).subscribeKey;
  return { keyset, channel: readChannel(exchange), ...readName(exchange) };
}

/** Reads a link to a file's bytes; whether it is genuine says its signature. */
export function readFileLink(exchange: Exchange): { readonly file: NamedFile; readonly link: LinkSeal } {
  const { query } = exchange.target;
  const expires = query.get("expires") ?? "";
  const keyset = decodeSegment(param(exchange, "sub"));
  const channel = decodeSegment(param(exchange, "channel"));
  return {
    file: { keyset, channel, ...readName(exchange) },
    link: { expiresSeconds: /^\d{1,12}$/.test(expires) ? Number(expires) : 0, signature: query.get("signature") ?? "" },
  };
}

/** Reads the form's own fields from those of an upload. */
export function readGivenForm(exchange: Exchange, fields: ReadonlyMap<string, string>): GivenForm {
  return {
    keyset: decodeSegment(param(exchange, "sub")),
    key: fields.get("key") ?? "",
    policy: fields.get("Policy") ?? "",
    signature: fields.get("Signature") ?? "",
  };
}

function keysetWithFiles(exchange: Exchange): Keyset {
  const keyset = keysetOf(exchange);
  if (!keyset.hasFiles) throw new NetworkError("filesOff");
  return keyset;
}

// What a channel is called is refused in this service's own form.
function readChannel(exchange: Exchange): string {
  try {
    return parseChannel(decodeSegment(param(exchange, "channel")));
  } catch {
    throw new NetworkError("filesChannelMalformed");
  }
}

function readName(exchange: Exchange): { readonly id: string; readonly name: string } {
  return { id: decodeSegment(param(exchange, "id")), name: decodeSegment(param(exchange, "name")) };
}

// The body reader's refusals are those of a publish; here they take this service's form.
async function readText(exchange: Exchange): Promise<string> {
  try {
    return await readBodyText(exchange);
  } catch (refusal) {
    if (!(refusal instanceof NetworkError)) throw refusal;
    throw new NetworkError(refusal.code === "bodyTooLarge" ? "fileBodyTooLarge" : "fileBodyMalformed");
  }
}

function parseObject(text: string): { readonly name?: unknown } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  } catch {
    // Refused below, with what is JSON but no object.
  }
  throw new NetworkError("fileBodyMalformed");
}

function readLimit(text: string | undefined): number {
  if (text === undefined || text === "") return LIMITS.filesPerPageMax;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > LIMITS.filesPerPageMax) throw new NetworkError("filesLimitMalformed");
  return limit;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readNext(text: string | undefined): string {
  if (text === undefined || text === "") return "";
  const after = Buffer.from(text, "base64url").toString("latin1");
  if (!UUID.test(after)) throw new NetworkError("filesNextMalformed");
  return after;
}
