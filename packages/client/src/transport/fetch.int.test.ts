import { afterAll, expect, test } from "bun:test";
import { fetchTransport } from "./fetch.ts";
import { TransportFailure } from "./transport.ts";

const server = Bun.serve({
  port: 0,
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/silent") return new Promise<Response>(() => {});
    if (pathname === "/stuck") return new Response(new ReadableStream({ start: (body) => body.enqueue("[1") }));
    if (pathname === "/bytes") {
      return new Response(Uint8Array.of(0, 255, 128), { headers: { "Content-Type": "image/png" } });
    }
    const { method, headers } = request;
    const match = headers.get("if-match") ?? undefined;
    const facts = { method, type: headers.get("content-type"), body: await request.text(), match };
    return Response.json(facts, { status: pathname === "/teapot" ? 418 : 200 });
  },
});
afterAll(() => server.stop(true));

const at = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

/** What a request fails with. */
async function failureOf(request: Partial<Parameters<typeof fetchTransport>[0]>): Promise<TransportFailure> {
  const failure = await fetchTransport({ method: "GET", url: at("/silent"), timeoutMs: 60_000, ...request }).catch(
    (reason: unknown) => reason,
  );
  if (failure instanceof TransportFailure) return failure;
  throw new Error(`it was no TransportFailure: ${Bun.inspect(failure)}`);
}

test("[SDK6] a GET has no body, a POST has JSON", async () => {
  const get = await fetchTransport({ method: "GET", url: at("/"), timeoutMs: 60_000 });
  expect(get).toEqual({ status: 200, text: '{"method":"GET","type":null,"body":""}' });
  const post = await fetchTransport({ method: "POST", url: at("/"), body: '{"a":1}', timeoutMs: 60_000 });
  expect(post.text).toBe('{"method":"POST","type":"application/json","body":"{\\"a\\":1}"}');
});

test("[SDK57] a PATCH has JSON and the headers that it is given", async () => {
  const headers = { "If-Match": "7d6e+/=" };
  const patch = { method: "PATCH", url: at("/"), body: "{}", headers, timeoutMs: 60_000 } as const;
  const { method, type, match } = JSON.parse((await fetchTransport(patch)).text) as Record<string, unknown>;
  expect([method, type, match]).toEqual(["PATCH", "application/json", "7d6e+/="]);
});

test("[SDK60] a form is sent with a type of its own, its fields in their order", async () => {
  const form = new FormData();
  form.append("b", "1");
  form.append("a", "2");
  form.append("file", new File(["grüße"], "ü.txt", { type: "text/plain" }));
  const { text } = await fetchTransport({ method: "POST", url: at("/"), body: form, timeoutMs: 60_000 });
  const { type, body } = JSON.parse(text) as Record<string, string>;
  expect(type).toStartWith("multipart/form-data; boundary=");
  expect([...(body ?? "").matchAll(/; name="(\w+)"/g)].map(([, name]) => name)).toEqual(["b", "a", "file"]);
  expect(body).toContain("grüße");
});

test("[SDK62] bytes are answered as bytes with their type, and refusals as text", async () => {
  const request = { method: "GET", timeoutMs: 60_000, wantsBytes: true } as const;
  const { text, bytes, contentType } = await fetchTransport({ ...request, url: at("/bytes") });
  expect([text, bytes, contentType]).toEqual(["", Uint8Array.of(0, 255, 128), "image/png"]);
  const refusal = await fetchTransport({ ...request, url: at("/teapot") });
  expect([refusal.status, refusal.bytes]).toEqual([418, undefined]);
  expect(refusal.text).toContain('"method":"GET"');
});

test("[SDK4] an answer with an error status is an answer", async () => {
  expect(await fetchTransport({ method: "GET", url: at("/teapot"), timeoutMs: 60_000 })).toMatchObject({ status: 418 });
});

test("[SDK10] no answer, or half of one, is given up after the time limit", async () => {
  for (const path of ["/silent", "/stuck"]) {
    expect(await failureOf({ url: at(path), timeoutMs: 30 })).toMatchObject({ kind: "timeout" });
  }
});

test("[SDK10] a signal aborts before and during the request, and is let go of afterwards", async () => {
  expect(await failureOf({ signal: AbortSignal.abort() })).toMatchObject({ kind: "cancelled" });
  const stop = new AbortController();
  const failure = failureOf({ signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 20);
  expect(await failure).toMatchObject({ kind: "cancelled" });
  let listeners = 0;
  const { signal } = new AbortController();
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (...given: Parameters<typeof add>) => (listeners++, add.apply(signal, given));
  signal.removeEventListener = (...given: Parameters<typeof remove>) => (listeners--, remove.apply(signal, given));
  await fetchTransport({ method: "GET", url: at("/"), timeoutMs: 60_000, signal });
  expect(listeners).toBe(0);
});

test("[SDK4 SDK10] a network that is not there is named by its code, and nothing of the request", async () => {
  const gone = Bun.serve({ port: 0, fetch: () => new Response() });
  const url = `http://127.0.0.1:${gone.port}/publish/pub-key/sub-key/0/room/0/secret`;
  await gone.stop(true);
  const failure = await failureOf({ url });
  expect([failure.kind, failure.code]).toEqual(["network", "ECONNREFUSED"]);
  expect(Bun.inspect(failure)).not.toMatch(/pub-key|sub-key|secret/);
});
