/**
 * Servers on this machine that behave as Apple and Google document, for tests: the real ones need accounts.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import {
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  createSecureServer,
} from "node:http2";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";

const EDGE = new URL("../../edge/", import.meta.url);
const CERT = readFileSync(new URL("localhost-certificate.pem", EDGE), "utf8");
const KEY = readFileSync(new URL("localhost-key.pem", EDGE), "utf8");

/** What clients of these servers have to trust. */
export const LOCAL_CA = CERT;

/** A request as a provider got it. */
export interface ProviderRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a provider does with a request: answers, or something that the network has to live with. */
export type ProviderAct =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | "reset"
  | "nothing"
  /** Apple: answers, and takes no more requests on this connection. */
  | "goaway"
  /** Apple: closes the connection with everything on it. */
  | "disconnect";

/** Decides what a provider does. */
export type ProviderScript = (request: ProviderRequest, at: number) => ProviderAct | Promise<ProviderAct>;

const OK: ProviderScript = () => ({ status: 200 });

/** Apple's side of HTTP/2. */
export class LocalApple implements AsyncDisposable {
  /** What came, in order. */
  readonly requests: ProviderRequest[] = [];
  script: ProviderScript = OK;
  /** So far. */
  connections = 0;
  /** Requests that were under way at the same time, at most. */
  busiest = 0;
  #busy = 0;
  readonly #server: Http2SecureServer;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(server: Http2SecureServer) {
    this.#server = server;
    server.on("session", (session) => {
      this.connections += 1;
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      session.on("error", () => {});
    });
    server.on("stream", (stream, headers) =>
      this.#take(stream as ServerHttp2Stream, headers as Record<string, string>),
    );
  }

  static async start(streamsMax = 100): Promise<LocalApple> {
    const server = createSecureServer({ cert: CERT, key: KEY, settings: { maxConcurrentStreams: streamsMax } });
    const apple = new LocalApple(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return apple;
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  #take(stream: ServerHttp2Stream, headers: Readonly<Record<string, string>>): void {
    let body = "";
    this.#busy += 1;
    this.busiest = Math.max(this.busiest, this.#busy);
    stream.setEncoding("utf8");
    stream.on("error", () => {});
    stream.on("data", (text: string) => (body += text));
    stream.on("close", () => (this.#busy -= 1));
    stream.on("end", () => {
      const request = { path: headers[":path"] ?? "", headers, body };
      this.requests.push(request);
      void this.#answer(stream, request);
    });
  }

  async #answer(stream: ServerHttp2Stream, request: ProviderRequest): Promise<void> {
    const act = await this.script(request, this.requests.length - 1);
    if (act === "nothing") return;
    if (act === "reset") stream.close(7);
    else if (act === "disconnect") stream.session?.destroy();
    else {
      if (act === "goaway") stream.session?.goaway(0);
      const { status, body = "", headers = {} } = act === "goaway" ? { status: 200 } : act;
      stream.respond({ ":status": status, ...headers });
      stream.end(body);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Google's interface, and the place where access tokens are had: one server for both. */
export class LocalGoogle implements AsyncDisposable {
  /** Letters, in order. */
  readonly requests: ProviderRequest[] = [];
  /** Requests for access tokens. */
  readonly tokenRequests: ProviderRequest[] = [];
  script: ProviderScript = OK;
  tokenScript: ProviderScript = (_request, at) => ({
    status: 200,
    body: JSON.stringify({ access_token: `access-${at + 1}`, expires_in: 3_599, token_type: "Bearer" }),
  });
  busiest = 0;
  #busy = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => void this.#take(request, response));
  }

  static async start(): Promise<LocalGoogle> {
    const server = createServer({ cert: CERT, key: KEY });
    const google = new LocalGoogle(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return google;
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  get tokenUrl(): string {
    return `${this.origin}/token`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    request.setEncoding("utf8");
    for await (const text of request) body += String(text);
    const { url: path = "", headers } = request;
    const given = { path, headers: headers as Record<string, string>, body };
    const isToken = path === "/token";
    const list = isToken ? this.tokenRequests : this.requests;
    list.push(given);
    this.#busy += 1;
    this.busiest = Math.max(this.busiest, this.#busy);
    const act = await (isToken ? this.tokenScript : this.script)(given, list.length - 1);
    this.#busy -= 1;
    if (act === "nothing") return;
    if (typeof act === "string") {
      response.writeHead(200, { "Content-Length": "100" });
      response.write("{");
      response.destroy();
    } else response.writeHead(act.status, { ...act.headers }).end(act.body ?? "{}");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
