/**
 * The request target: path segments and query, split before anything is decoded.
 *
 * A slash or a comma inside a name arrives encoded and stays part of the name. Rules: spec/EDGE.md EDG1-EDG6.
 *
 * @module
 */
import { NetworkError } from "@longwave/protocol";

/** A request target, undecoded. */
export interface Target {
  /** Between the slashes, still percent-encoded: `/a/b%2Fc` has `a` and `b%2Fc`. */
  readonly segments: readonly string[];
  readonly path: string;
  readonly query: Query;
  /** Of path and query together, as they came over the wire. */
  readonly bytes: number;
}

/** Splits a URL as the runtime hands it over: absolute, or a bare path where the Host header was unusable. */
export function parseTarget(url: string): Target {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", "http://".length);
  const hash = url.indexOf("#", start);
  const end = hash < 0 ? url.length : hash;
  const mark = url.indexOf("?", start);
  const pathEnd = mark < 0 || mark > end ? end : mark;
  const path = start < 0 ? "/" : url.slice(start, pathEnd);
  return {
    path,
    segments: path.slice(1).split("/"),
    query: new Query(url.slice(pathEnd + 1, end)),
    bytes: end - Math.max(start, 0), // the runtime hands a URL over in ASCII
  };
}

/**
 * Decodes one path segment; a plus is a plus there.
 *
 * @throws {NetworkError} `requestMalformed` for broken percent-encoding or bytes that are not UTF-8.
 */
export function decodeSegment(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new NetworkError("requestMalformed");
  }
}

/** Splits a list in a path at raw commas and at encoded ones, decodes its elements, drops empty and repeated ones. */
export function decodePathList(segment: string): readonly string[] {
  return distinct(decodeSegment(segment).split(","));
}

/** The same for a list in a query value, which is decoded already. */
export function splitQueryList(value: string): readonly string[] {
  return distinct(value.split(","));
}

function distinct(elements: readonly string[]): readonly string[] {
  return [...new Set(elements)].filter((element) => element !== "");
}

/** Query parameters, each decoded when it is asked for; the first of a repeated one counts, unknown ones are ignored. */
export class Query {
  // With an ampersand in front, so that every parameter begins with one. Looking for the few that a route knows costs
  // less than cutting all of them out.
  readonly #text: string;

  constructor(text: string) {
    this.#text = text === "" ? "" : `&${text}`;
  }

  /**
   * A parameter's value, or nothing where it is absent. An empty value is an empty string.
   *
   * @throws {NetworkError} `requestMalformed` for broken percent-encoding or bytes that are not UTF-8.
   */
  get(name: string): string | undefined {
    const text = this.#text;
    const sought = `&${name}`;
    for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
      const end = at + sought.length;
      if (end === text.length || text[end] === "&") return "";
      if (text[end] === "=") return this.#decode(end + 1);
    }
    return undefined;
  }

  #decode(start: number): string {
    const end = this.#text.indexOf("&", start);
    const raw = end < 0 ? this.#text.slice(start) : this.#text.slice(start, end);
    return decodeSegment(raw.includes("+") ? raw.replaceAll("+", " ") : raw);
  }
}
