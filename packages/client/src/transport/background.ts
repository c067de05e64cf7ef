/**
 * What a subscription runs on that is not to keep its process running, in Node and Bun: sockets and timers that do not count.
 *
 * The one file of the SDK that knows Node: `fetch` hides its sockets. Rules: spec/SDK.md SDK80.
 *
 * @module
 */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { createGunzip } from "node:zlib";
import type { Timers } from "../timers.ts";
import { codeOf, secondsOf } from "./fetch.ts";
import type { Background } from "./no-background.ts";
import { type TransportAnswer, TransportFailure, type TransportRequest } from "./transport.ts";

const timers: Timers = {
  after(pauseMs, run) {
    const timer = setTimeout(run, pauseMs).unref();
    return () => clearTimeout(timer);
  },
};

/** Requests of a subscription, which have no bodies, and pauses. */
export const background: Background | undefined = Object.freeze({ transport: send, timers });

function send({ url, method, headers, timeoutMs, signal }: TransportRequest): Promise<TransportAnswer> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:") ? requestHttps : requestHttp;
    const options = { method, headers: { ...headers, "Accept-Encoding": "gzip" } };
    const sent = request(url, options, (response) => void textOf(response).then(answered, failed));
    const end = (failure: TransportFailure): void => {
      forget();
      sent.destroy();
      reject(failure);
    };
    const cancel = (): void => end(new TransportFailure("cancelled"));
    const forgetTimer = timers.after(timeoutMs, () => end(new TransportFailure("timeout")));
    const forget = (): void => {
      forgetTimer();
      signal?.removeEventListener("abort", cancel);
    };
    const answered = (answer: TransportAnswer): void => {
      forget();
      resolve(answer);
    };
    const failed = (failure: unknown): void => end(new TransportFailure("network", codeOf(failure)));
    sent.on("socket", (socket) => socket.unref());
    sent.on("error", failed);
    sent.end();
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
  });
}

async function textOf(response: IncomingMessage): Promise<TransportAnswer> {
  const { headers, statusCode: status = 0 } = response;
  const body = headers["content-encoding"] === "gzip" ? response.compose(createGunzip()) : response;
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece as Uint8Array);
  const text = Buffer.concat(pieces).toString("utf8");
  return { status, text, retryAfterSeconds: secondsOf(headers["retry-after"] ?? null) };
}
