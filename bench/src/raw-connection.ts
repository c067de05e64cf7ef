/**
 * One kept-alive HTTP connection for load: a socket, one request at a time, no more parsing than the answer needs.
 *
 * @module
 */
import type { Socket } from "bun";

const HEAD_END = "\r\n\r\n";

/** A connection that asks and waits. */
export class RawConnection {
  #socket: Socket | undefined;
  #received = "";
  #settle: ((body: string) => void) | undefined;
  readonly #host: string;

  private constructor(host: string) {
    this.#host = host;
  }

  /** Connects to a server. */
  static async open(url: string): Promise<RawConnection> {
    const { hostname, port, host } = new URL(url);
    const connection = new RawConnection(host);
    connection.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: { data: (_, bytes) => connection.#take(bytes), close: () => {} },
    });
    return connection;
  }

  /** Sends a GET and waits for its body. */
  get(target: string): Promise<string> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#socket?.write(`GET ${target} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`);
    });
  }

  close(): void {
    this.#socket?.end();
  }

  #take(bytes: Buffer): void {
    this.#received += bytes.toString("latin1");
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received.slice(0, headEnd))?.[1]);
    const body = this.#received.slice(headEnd + HEAD_END.length);
    if (body.length < length) return;
    this.#received = "";
    this.#settle?.(body);
  }
}
