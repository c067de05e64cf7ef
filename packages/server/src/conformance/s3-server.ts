/**
 * A small server of the S3 kind for tests: one bucket in memory, behind real sockets, which believes nobody.
 *
 * It checks every request's signature (AWS Signature Version 4, in headers or in the query) as its published specification
 * says, the time that it was made at, and the digest of a body that is signed. It knows what a blob store asks for: PUT, GET
 * with a range, DELETE, listings of the second version, uploads in parts. Keys are ordered by their bytes. For tests only.
 *
 * @module
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../ports/clock.ts";

/** How a server is started. */
export interface S3ServerSettings {
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly clock: Clock;
}

/** A server that runs. */
export interface S3Server extends AsyncDisposable {
  readonly url: string;
  /** What the bucket holds, by key. */
  readonly objects: Map<string, Uint8Array<ArrayBuffer>>;
  /** Keys of uploads in parts that were begun, and neither ended nor given up. */
  readonly unfinished: readonly string[];
  /** Requests that were let in: method, key and query without its values. */
  readonly asked: string[];
  /** Answers everything with 503, or serves again. */
  setRefusing(isRefusing: boolean): void;
  /** Sends half of what is asked for from now on, and closes the connection. */
  setHalving(isHalving: boolean): void;
}

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Uint8Array>;
}

const SKEW_MS = 900_000;

/** Starts a server. */
export function startS3Server(settings: S3ServerSettings): S3Server {
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  const uploads = new Map<string, Upload>();
  const asked: string[] = [];
  let isRefusing = false;
  let isHalving = false;
  const bucket: Bucket = { objects, uploads, isHalving: () => isHalving };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    maxRequestBodySize: 1_073_741_824,
    error: () => new Response(null, { status: 500 }), // of a download that is broken off on purpose
    async fetch(request) {
      const body = await request.bytes();
      if (isRefusing) return refuse(503, "SlowDown");
      const target = splitTarget(request.url);
      const refusal = refusalOf(settings, request, target, body);
      if (refusal !== undefined) return refuse(403, refusal);
      const [, name = "", ...rest] = target.path.split("/").map(decodeURIComponent);
      if (name !== settings.bucket) return refuse(404, "NoSuchBucket");
      const key = rest.join("/");
      const names = [...target.query.keys()].filter((one) => !one.startsWith("X-Amz-") && one !== "x-id");
      asked.push(`${request.method} ${key}${names.map((one) => ` ${one}`).join("")}`);
      return serve(bucket, { method: request.method, key, query: target.query, headers: request.headers, body });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    objects,
    asked,
    get unfinished() {
      return [...uploads.values()].map(({ key }) => key);
    },
    setRefusing: (is) => {
      isRefusing = is;
    },
    setHalving: (is) => {
      isHalving = is;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

interface Target {
  /** As it was sent, not decoded: it is what was signed. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly parameters: readonly string[];
}

function splitTarget(url: string): Target {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const [path = "", query = ""] = url.slice(start).split("?");
  return { path, query: new URLSearchParams(query), parameters: query === "" ? [] : query.split("&") };
}

/** A signature and what it was made from. */
interface Claim {
  readonly accessKeyId: string;
  /** `20130524/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  /** `20130524T000000Z`. */
  readonly date: string;
  readonly signedHeaders: string;
  readonly signature: string;
  /** The body's digest as it was signed. */
  readonly payload: string;
  readonly secondsMax: number;
}

function refusalOf(
  { region, accessKeyId, secretAccessKey, clock }: S3ServerSettings,
  request: Request,
  target: Target,
  body: Uint8Array,
): string | undefined {
  const claim = readClaim(request.headers, target.query);
  if (!claim) return "AccessDenied";
  if (claim.accessKeyId !== accessKeyId) return "InvalidAccessKeyId";
  if (claim.scope !== `${claim.date.slice(0, 8)}/${region}/s3/aws4_request`) return "AuthorizationHeaderMalformed";
  const madeMs = Date.parse(claim.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const ageMs = clock.wallMs() - madeMs;
  if (!(ageMs > -SKEW_MS && ageMs < claim.secondsMax * 1_000)) return "RequestTimeTooSkewed";
  if (/^[0-9a-f]{64}$/.test(claim.payload) && claim.payload !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const own = Buffer.from(signatureOf(secretAccessKey, request, target, claim), "hex");
  const given = Buffer.from(claim.signature, "hex");
  return own.length === given.length && timingSafeEqual(own, given) ? undefined : "SignatureDoesNotMatch";
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

function readClaim(headers: Headers, query: URLSearchParams): Claim | undefined {
  const [, id, scope, signedHeaders, signature] = AUTHORIZATION.exec(headers.get("authorization") ?? "") ?? [];
  if (id !== undefined && scope !== undefined && signedHeaders !== undefined && signature !== undefined) {
    const [date, payload] = [headers.get("x-amz-date") ?? "", headers.get("x-amz-content-sha256") ?? ""];
    return { accessKeyId: id, scope, date, signedHeaders, signature, payload, secondsMax: SKEW_MS / 1_000 };
  }
  const parameter = (name: string): string => query.get(`X-Amz-${name}`) ?? "";
  if (parameter("Algorithm") !== "AWS4-HMAC-SHA256") return undefined;
  const [accessKeyId = "", ...rest] = parameter("Credential").split("/");
  return {
    accessKeyId,
    scope: rest.join("/"),
    date: parameter("Date"),
    signedHeaders: parameter("SignedHeaders"),
    signature: parameter("Signature"),
    payload: "UNSIGNED-PAYLOAD",
    secondsMax: Number(parameter("Expires")),
  };
}

/** The signature that a request must have. */
export function signatureOf(
  secretAccessKey: string,
  { method, headers }: Pick<Request, "method" | "headers">,
  { path, parameters }: Pick<Target, "path" | "parameters">,
  { date, scope, signedHeaders, payload }: Pick<Claim, "date" | "scope" | "signedHeaders" | "payload">,
): string {
  const query = parameters
    .filter((one) => !one.startsWith("X-Amz-Signature="))
    .map((one) => (one.includes("=") ? one : `${one}=`))
    .toSorted();
  const lines = signedHeaders.split(";").map((name) => `${name}:${(headers.get(name) ?? "").trim()}`);
  const request = [method, path, query.join("&"), ...lines, "", signedHeaders, payload].join("\n");
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(Buffer.from(request))].join("\n");
  const hmac = (key: string | Buffer, part: string): Buffer => createHmac("sha256", key).update(part).digest();
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, text).toString("hex");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

interface Bucket {
  readonly objects: Map<string, Uint8Array<ArrayBuffer>>;
  readonly uploads: Map<string, Upload>;
  readonly isHalving: () => boolean;
}

interface Call {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

function serve(bucket: Bucket, call: Call): Response {
  if (call.key === "" && call.method === "GET") return list(bucket, call.query);
  if (call.query.has("uploads") || call.query.has("uploadId")) return serveUpload(bucket, call);
  switch (call.method) {
    case "PUT":
      bucket.objects.set(call.key, call.body);
      return new Response(null, { headers: { ETag: tagOf(call.body) } });
    case "GET":
      return download(bucket, call);
    case "DELETE":
      bucket.objects.delete(call.key);
      return new Response(null, { status: 204 });
    default:
      return refuse(405, "MethodNotAllowed");
  }
}

function download({ objects, isHalving }: Bucket, { key, headers }: Call): Response {
  const content = objects.get(key);
  if (!content) return refuse(404, "NoSuchKey");
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.get("range") ?? "") ?? [];
  const part = from === undefined ? content : content.slice(Number(from), Number(to) + 1);
  if (from !== undefined && part.length === 0) return refuse(416, "InvalidRange");
  if (isHalving()) return new Response(half(part));
  const status = from === undefined ? 200 : 206;
  const range = from === undefined ? {} : { "Content-Range": `bytes ${from}-${to}/${content.length}` };
  return new Response(part, { status, headers: { ETag: tagOf(content), ...range } });
}

function half(content: Uint8Array): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream({
    pull: (controller) => {
      if (isSent) return controller.error(new Error("the connection broke"));
      isSent = true;
      controller.enqueue(content.subarray(0, content.length >> 1));
    },
  });
}

function serveUpload({ objects, uploads }: Bucket, { method, key, query, body }: Call): Response {
  if (method === "POST" && query.has("uploads")) {
    const id = crypto.randomUUID();
    uploads.set(id, { key, parts: new Map() });
    return answer("InitiateMultipartUploadResult", `<Key>${escape(key)}</Key><UploadId>${id}</UploadId>`);
  }
  const id = query.get("uploadId") ?? "";
  const upload = uploads.get(id);
  if (upload?.key !== key) return refuse(404, "NoSuchUpload");
  if (method === "PUT") {
    upload.parts.set(Number(query.get("partNumber")), body);
    return new Response(null, { headers: { ETag: tagOf(body) } });
  }
  uploads.delete(id);
  if (method === "DELETE") return new Response(null, { status: 204 });
  const listed = [...new TextDecoder().decode(body).matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)];
  const parts = listed.map(([, number]) => upload.parts.get(Number(number)));
  if (parts.length === 0 || parts.includes(undefined)) return refuse(400, "InvalidPart");
  objects.set(key, new Uint8Array(Buffer.concat(parts.filter((part) => part !== undefined))));
  return answer("CompleteMultipartUploadResult", `<Key>${escape(key)}</Key><ETag>"x-${parts.length}"</ETag>`);
}

function list({ objects }: Bucket, query: URLSearchParams): Response {
  if (query.get("list-type") !== "2") return refuse(501, "NotImplemented");
  const [prefix, after] = [query.get("prefix") ?? "", query.get("start-after") ?? ""];
  const keysMax = Math.min(Number(query.get("max-keys") ?? 1_000), 1_000);
  const all = [...objects.keys()]
    .filter((key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
    .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const contents = all.slice(0, keysMax).map((key) => {
    const size = objects.get(key)?.length ?? 0;
    return `<Contents><Key>${escape(key)}</Key><Size>${size}</Size></Contents>`;
  });
  const head = `<IsTruncated>${all.length > keysMax}</IsTruncated><KeyCount>${contents.length}</KeyCount>`;
  return answer("ListBucketResult", head + contents.join(""));
}

function answer(name: string, content: string): Response {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<${name}>${content}</${name}>`;
  return new Response(text, { headers: { "Content-Type": "application/xml" } });
}

function refuse(status: number, code: string): Response {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  return new Response(text, { status, headers: { "Content-Type": "application/xml" } });
}

function tagOf(content: Uint8Array): string {
  return `"${createHash("md5").update(content).digest("hex")}"`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
