/**
 * One connection on which a test writes any bytes and reads the HTTP answers that come back.
 *
 * No client: it corrects nothing, sends no header on its own and never tries again. Tests of the edge use it for what
 * `fetch` would not send, and to see connections close.
 *
 * @module
 */
import { type Socket, connect } from "node:net";

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes as Latin-1; empty where the answer has none. */
  readonly body: string;
}

const HEAD_END = "\r\n\r\n";

/** A connection that is written to and listened to by hand. */
export class RawConnection {
  /** Resolves when the connection is closed, by whomever. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = "";
  #isClosed = false;
  #take: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#received += String(text);
      this.#take?.();
    });
    socket.on("error", () => {}); // a reset is a way to close here
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#isClosed = true;
        this.#take?.();
        resolve();
      });
    });
  }

  /** Connects to the host and port of a URL. */
  static open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => resolve(new RawConnection(socket)));
      socket.once("error", reject);
    });
  }

  /** Sends bytes, a text as Latin-1. */
  write(bytes: string | Uint8Array): void {
    this.#socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** The next answer, or that the connection was closed before one was whole. */
  answer(): Promise<RawAnswer | "closed"> {
    return new Promise((resolve) => {
      this.#take = (): void => {
        const answer = this.#cutAnswer();
        if (answer === undefined && !this.#isClosed) return;
        this.#take = undefined;
        resolve(answer ?? "closed");
      };
      this.#take();
    });
  }

  /** Closes at once, without a farewell. */
  close(): void {
    this.#socket.destroy();
  }

  #cutAnswer(): RawAnswer | undefined {
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const [statusLine = "", ...lines] = this.#received.slice(0, headEnd).split("\r\n");
    const headers = new Headers(lines.map((line): [string, string] => splitHeader(line)));
    const bodyStart = headEnd + HEAD_END.length;
    const bodyEnd = bodyStart + Number(headers.get("content-length") ?? 0);
    if (this.#received.length < bodyEnd) return undefined;
    const body = this.#received.slice(bodyStart, bodyEnd);
    this.#received = this.#received.slice(bodyEnd);
    return { status: Number(statusLine.split(" ")[1]), headers, body };
  }
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

/** Sends one request on a connection of its own, and closes it after the answer. */
export async function exchange(url: string, bytes: string | Uint8Array): Promise<RawAnswer | "closed"> {
  const connection = await RawConnection.open(url);
  connection.write(bytes);
  const answer = await connection.answer();
  connection.close();
  return answer;
}
