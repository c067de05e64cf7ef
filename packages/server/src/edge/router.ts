/**
 * Finds the route of a request in the one table, by comparing segments.
 *
 * @module
 */
import { type Method, ROUTES, type RouteName } from "@longwave/protocol";

/** Where a route's parameters stand among the segments of its path. */
export type Places = ReadonlyMap<string, number>;

/** What a path leads to. */
export type RouteMatch =
  | { readonly kind: "route"; readonly name: RouteName; readonly places: Places }
  /** The path exists, with other methods. */
  | { readonly kind: "otherMethod"; readonly methods: readonly Method[] }
  | { readonly kind: "unknown" };

interface Candidate {
  readonly name: RouteName;
  readonly method: Method;
  /** Literal segments; nothing where any segment goes. */
  readonly literals: readonly (string | undefined)[];
  readonly match: RouteMatch;
}

const UNKNOWN: RouteMatch = Object.freeze({ kind: "unknown" });
const candidatesByFirst: ReadonlyMap<string, readonly Candidate[]> = Map.groupBy(
  (Object.keys(ROUTES) as RouteName[]).map(candidateOf),
  ({ literals }) => literals[0] ?? "",
);

function candidateOf(name: RouteName): Candidate {
  const { method, path } = ROUTES[name];
  const segments = path.slice(1).split("/");
  const literals = segments.map((segment) => (segment.startsWith("{") ? undefined : segment));
  const places = new Map(segments.map((segment, at) => [segment.slice(1, -1), at]));
  return { name, method, literals, match: Object.freeze({ kind: "route", name, places }) };
}

/** Routes with a safe answer for HEAD: no body is computed for its own sake, nothing is changed, nothing is held. */
const HEAD_ROUTES: ReadonlySet<RouteName> = new Set(["time", "health", "ready", "metrics", "fileGet", "fileContent"]);

/**
 * Matches a request to a route.
 *
 * @param method as received; HEAD counts as GET for routes that change and hold nothing.
 * @param segments undecoded.
 */
export function findRoute(method: string, segments: readonly string[]): RouteMatch {
  const candidates = candidatesByFirst.get(segments[0] ?? "") ?? [];
  for (const candidate of candidates) {
    if (answers(candidate, method) && fits(candidate.literals, segments)) return candidate.match;
  }
  const fitting = candidates.filter(({ literals }) => fits(literals, segments));
  if (fitting.length === 0) return UNKNOWN;
  return { kind: "otherMethod", methods: fitting.map((candidate) => candidate.method) };
}

// A plain loop: this runs for every request, and a callback here was a fifth of a publish.
function fits(literals: readonly (string | undefined)[], segments: readonly string[]): boolean {
  if (literals.length !== segments.length) return false;
  for (let at = 0; at < literals.length; at++) {
    const literal = literals[at];
    if (literal !== undefined && literal !== segments[at]) return false;
  }
  return true;
}

function answers({ method, name }: Candidate, asked: string): boolean {
  return method === asked || (asked === "HEAD" && HEAD_ROUTES.has(name));
}
