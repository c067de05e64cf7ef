/**
 * The core of every load: one connection, no more parsing than the answers need.
 *
 * As HTTP it is kept alive and asks one request at a time; after {@link RawConnection.upgrade} it is a WebSocket that
 * hears frames.
 *
 * @module
 */
import type { Socket } from "bun";
import { FrameReader, PONG, clientFrame } from "./frame-reader.ts";

const HEAD_END = "\r\n\r\n";
const HANDSHAKE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
const KEY = "bG9uZ3dhdmUgYmVuY2ggIQ==";
// Looked for as text: the head is short, and a regular expression over it costs more than all the rest.
const LENGTH = "ength: ";

/** A connection that asks and waits, or hears. */
export class RawConnection {
  #socket: Socket | undefined;
  #received = "";
  #settle: ((body: string) => void) | undefined;
  #frames: FrameReader | undefined;
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

  /** Connects many, some at a time, so that no queue of the system overflows. */
  static async openMany(url: string, count: number): Promise<readonly RawConnection[]> {
    const connections: RawConnection[] = [];
    while (connections.length < count) {
      const some = Math.min(200, count - connections.length);
      connections.push(...(await Promise.all(Array.from({ length: some }, () => RawConnection.open(url)))));
    }
    return connections;
  }

  /** Sends a GET and waits for its body. */
  get(target: string): Promise<string> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#socket?.write(`GET ${target} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`);
    });
  }

  /**
   * Makes a WebSocket of it.
   *
   * @param hear is given the content of every frame, as bytes that are its own for the call.
   * @param subprotocol what it speaks, where the server wants to know.
   */
  async upgrade(target: string, hear: (content: Buffer) => void, subprotocol?: string): Promise<void> {
    const protocol = subprotocol === undefined ? "" : `\r\nSec-WebSocket-Protocol: ${subprotocol}`;
    this.#frames = new FrameReader(hear, () => this.#socket?.write(PONG));
    await new Promise<string>((resolve) => {
      this.#settle = resolve;
      this.#socket?.write(`GET ${target} HTTP/1.1\r\nHost: ${this.#host}\r\n${HANDSHAKE}${KEY}${protocol}\r\n\r\n`);
    });
  }

  /** Sends a text, or bytes, of up to 65,535 bytes as a WebSocket. */
  send(content: string | Uint8Array): void {
    this.#socket?.write(clientFrame(content));
  }

  close(): void {
    this.#socket?.end();
  }

  #take(bytes: Buffer): void {
    if (this.#frames && !this.#settle) {
      this.#frames.take(bytes);
      return;
    }
    this.#received = this.#received === "" ? bytes.toString("latin1") : this.#received + bytes.toString("latin1");
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const bodyStart = headEnd + HEAD_END.length;
    if (this.#frames) this.#upgraded(this.#frames, bodyStart);
    else this.#answered(bodyStart, headEnd);
  }

  #answered(bodyStart: number, headEnd: number): void {
    const at = this.#received.indexOf(LENGTH);
    if (at < 0 || at > headEnd) throw new Error(`no length in ${this.#received.slice(0, headEnd)}`);
    const length = Number.parseInt(this.#received.slice(at + LENGTH.length, at + LENGTH.length + 10), 10);
    if (this.#received.length - bodyStart < length) return;
    const body = this.#received.slice(bodyStart);
    this.#received = "";
    this.#settle?.(body);
  }

  #upgraded(frames: FrameReader, bodyStart: number): void {
    const head = this.#received.slice(0, bodyStart);
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(`no WebSocket: ${this.#received}`);
    const rest = Buffer.from(this.#received.slice(bodyStart), "latin1");
    this.#received = "";
    this.#settle?.("");
    this.#settle = undefined;
    if (rest.length > 0) frames.take(rest);
  }
}
