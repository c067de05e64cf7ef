/**
 * The one table of routes: a row for every endpoint of the network.
 *
 * A path is matched segment by segment before anything is decoded, so a `/` or `,` inside a name stays part of the name.
 * `{name}` takes one segment. Pure. Rules: spec/EDGE.md EDG1-EDG3.
 *
 * @module
 */

/** An HTTP method that some route answers. HEAD is answered wherever GET is, OPTIONS everywhere. */
export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** One row of {@link ROUTES}. */
export interface Route {
  readonly method: Method;
  /** Segments between slashes; `{name}` stands for any one segment, the empty one too. */
  readonly path: string;
}

const get = (path: string): Route => Object.freeze({ method: "GET", path });
const post = (path: string): Route => Object.freeze({ method: "POST", path });
const patch = (path: string): Route => Object.freeze({ method: "PATCH", path });
const remove = (path: string): Route => Object.freeze({ method: "DELETE", path });

/** Every endpoint by its name in code, logs and metrics. */
export const ROUTES = Object.freeze({
  time: get("/time/{callback}"),
  publish: get("/publish/{pub}/{sub}/{signature}/{channel}/{callback}/{payload}"),
  publishBody: post("/publish/{pub}/{sub}/{signature}/{channel}/{callback}"),
  publishLarge: post("/v2/publish/{pub}/{sub}/{signature}/{channel}/{callback}"),
  signal: get("/signal/{pub}/{sub}/{signature}/{channel}/{callback}/{payload}"),
  subscribe: get("/v2/subscribe/{sub}/{channels}/{callback}"),
  subscribeLegacy: get("/subscribe/{sub}/{channels}/{callback}/{timetoken}"),
  grantToken: post("/v3/pam/{sub}/grant"),
  revokeToken: remove("/v3/pam/{sub}/grant/{token}"),
  grant: get("/v2/auth/grant/sub-key/{sub}"),
  audit: get("/v2/auth/audit/sub-key/{sub}"),
  adminKeysets: get("/admin/v1/keysets"),
  adminCreateKeyset: post("/admin/v1/keysets"),
  adminSetKeyset: patch("/admin/v1/keysets/{sub}"),
  adminRotateKeyset: post("/admin/v1/keysets/{sub}/rotate"),
  adminDeleteKeyset: remove("/admin/v1/keysets/{sub}"),
  adminAudit: get("/admin/v1/audit"),
  health: get("/health"),
  ready: get("/ready"),
  metrics: get("/metrics"),
} satisfies Record<string, Route>);

/** The name of a row of {@link ROUTES}. */
export type RouteName = keyof typeof ROUTES;
