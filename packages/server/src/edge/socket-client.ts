/**
 * A WebSocket as tests hold it, with everything that it was sent.
 *
 * For tests only.
 *
 * @module
 */

/** A WebSocket and what it was sent. */
export class SocketClient implements AsyncDisposable {
  readonly frames: string[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<CloseEvent>;
  #grown = Promise.withResolvers<void>();

  constructor(url: string, path: string) {
    this.socket = new WebSocket(url.replace("http", "ws") + path);
    this.socket.addEventListener("message", ({ data }) => {
      this.frames.push(String(data));
      this.#grown.resolve();
      this.#grown = Promise.withResolvers<void>();
    });
    this.closed = new Promise((resolve) => this.socket.addEventListener("close", resolve));
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** The frame at a place, now or when it comes. */
  async frame(at: number): Promise<string> {
    while (this.frames.length <= at) await this.#grown.promise;
    return this.frames[at] ?? "";
  }

  async json(at: number): Promise<unknown> {
    return JSON.parse(await this.frame(at)) as unknown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
