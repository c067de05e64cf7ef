import { expect, test } from "bun:test";
import { ROUTES, type RouteName } from "@longwave/protocol";
import { findRoute } from "./router.ts";

const NAMES = Object.keys(ROUTES) as RouteName[];

/** A path of a route whose every parameter is `x` and its name. */
function pathOf(name: RouteName): string {
  return ROUTES[name].path.replaceAll(/\{(\w+)\}/g, "x$1");
}

function segmentsOf(path: string): readonly string[] {
  return path.slice(1).split("/");
}

for (const name of NAMES) {
  test(`findRoute() [EDG2] finds ${name}, and each parameter where it stands`, () => {
    const segments = segmentsOf(pathOf(name));
    const match = findRoute(ROUTES[name].method, segments);
    expect(match).toMatchObject({ kind: "route", name });
    if (match.kind !== "route") return;
    for (const [, param = ""] of ROUTES[name].path.matchAll(/\{(\w+)\}/g)) {
      expect(segments[match.places.get(param) ?? -1]).toBe(`x${param}`);
    }
  });
}

test("findRoute() [EDG2] an empty segment is a parameter too", () => {
  expect(findRoute("GET", ["time", ""])).toMatchObject({ kind: "route", name: "time" });
  expect(findRoute("GET", segmentsOf("/publish//////"))).toMatchObject({ kind: "route", name: "publish" });
});

test("findRoute() [EDG2] no two rows answer the same request", () => {
  const forms = NAMES.map((name) => `${ROUTES[name].method} ${ROUTES[name].path.replaceAll(/\{\w+\}/g, "{}")}`);
  expect(new Set(forms).size).toBe(forms.length);
});

const UNKNOWN = [
  "/",
  "/time",
  "/time/0/0",
  "/Time/0",
  "/%74ime/0",
  "//time/0",
  "/v2",
  "/v2/subscribe/demo/room",
  "/ready/",
  "/__proto__/0",
];
for (const path of UNKNOWN) {
  test(`findRoute() [EDG3] ${path} has no row, with any method`, () => {
    for (const method of ["GET", "POST", "HEAD", "PUT"]) {
      expect(findRoute(method, segmentsOf(path))).toEqual({ kind: "unknown" });
    }
  });
}

for (const name of NAMES) {
  test(`findRoute() [EDG3] ${name} with another method names those that the path has`, () => {
    for (const method of ["TRACE", "CONNECT", "get", ""]) {
      const match = findRoute(method, segmentsOf(pathOf(name)));
      expect(match.kind === "otherMethod" && match.methods).toContain(ROUTES[name].method);
    }
  });
}

// fileDelete has the path of fileGet.
const HEADS: ReadonlySet<RouteName> = new Set([
  "time",
  "health",
  "ready",
  "metrics",
  "fileGet",
  "fileContent",
  "fileDelete",
]);
for (const name of NAMES) {
  test(`findRoute() [EDG11] HEAD ${HEADS.has(name) ? "counts as GET" : "is another method"} for ${name}`, () => {
    const { kind } = findRoute("HEAD", segmentsOf(pathOf(name)));
    expect(kind).toBe(HEADS.has(name) ? "route" : "otherMethod");
  });
}
