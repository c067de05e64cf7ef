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
  readonly query: Query;
  /** Of path and query together, as they came over the wire. */
  readonly bytes: number;
}

/** Splits a URL as the runtime hands it over: absolute, or a bare path where the Host header was unusable. */
export function parseTarget(url: string): Target {
  // No host is empty, so what follows the longer scheme's slashes cannot be the path of the shorter one.
  const slash = url.startsWith("/") ? 0 : url.indexOf("/", "https://".length);
  const start = slash < 0 ? url.length : slash;
  const hash = url.indexOf("#", start);
  const end = hash < 0 ? url.length : hash;
  const mark = url.indexOf("?", start);
  const pathEnd = mark < 0 || mark > end ? end : mark;
  return {
    segments: url.slice(start + 1, pathEnd).split("/"),
    query: new Query(url, pathEnd, end),
    bytes: end - start, // the runtime hands a URL over in ASCII
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
  if (elements.length > 1) return [...new Set(elements)].filter((element) => element !== "");
  return elements[0] === "" ? [] : elements; // nearly always one or none, and a set costs more than all the rest of it
}

/** Parameters by name, wherever they came: in a query, or in a frame of a WebSocket. */
export interface Parameters {
  /** The decoded value; an empty one is an empty string, an absent one nothing. */
  get(name: string): string | undefined;
}

/** Query parameters, each decoded when it is asked for; the first of a repeated one counts, unknown ones are ignored. */
export class Query implements Parameters {
  // Looking in place for the few parameters that a route knows costs less than cutting all of them out.
  readonly #url: string;
  readonly #start: number;
  readonly #end: number;

  /**
   * @param url a whole URL.
   * @param start where its question mark stands; at or behind `end` where there is none.
   * @param end where the query ends.
   */
  constructor(url: string, start: number, end: number) {
    this.#url = url;
    this.#start = start;
    this.#end = end;
  }

  /** The whole query, percent-encoded as it came, without its question mark. */
  get text(): string {
    return this.#url.slice(this.#start + 1, this.#end);
  }

  /**
   * A parameter's value, or nothing where it is absent. An empty value is an empty string.
   *
   * @throws {NetworkError} `requestMalformed` for broken percent-encoding or bytes that are not UTF-8.
   */
  get(name: string): string | undefined {
    const after = this.#endOfName(name, this.#start + 1);
    return after === undefined ? undefined : this.#valueAfter(after);
  }

  /**
   * All values of a parameter that may be repeated, in their order.
   *
   * @throws {NetworkError} as for one.
   */
  all(name: string): readonly string[] {
    const values: string[] = [];
    let after = this.#endOfName(name, this.#start + 1);
    for (; after !== undefined; after = this.#endOfName(name, after)) values.push(this.#valueAfter(after));
    return values;
  }

  // Where the parameter's name ends, the first time that it stands at or behind `from`. A question mark begins the query,
  // and none inside it begins a parameter.
  #endOfName(name: string, from: number): number | undefined {
    const url = this.#url;
    for (let at = url.indexOf(name, from); at >= 0; at = url.indexOf(name, at + 1)) {
      const after = at + name.length;
      if (after > this.#end) return undefined;
      if (at - 1 !== this.#start && url.charCodeAt(at - 1) !== AMPERSAND) continue;
      const next = url.charCodeAt(after);
      if (after === this.#end || next === AMPERSAND || next === EQUALS) return after;
    }
    return undefined;
  }

  #valueAfter(nameEnd: number): string {
    const isEmpty = nameEnd === this.#end || this.#url.charCodeAt(nameEnd) === AMPERSAND;
    return isEmpty ? "" : this.#decode(nameEnd + 1);
  }

  #decode(start: number): string {
    const ampersand = this.#url.indexOf("&", start);
    const raw = this.#url.slice(start, ampersand < 0 || ampersand > this.#end ? this.#end : ampersand);
    return decodeSegment(raw.includes("+") ? raw.replaceAll("+", " ") : raw);
  }
}

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
