import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { inPage } from "../../../../tools/chromium.ts";
import { testWith } from "../../../../tools/needs.ts";
import { type Network, startNetwork } from "../main.ts";
import { SILENT_LOG } from "../observe/log.ts";
import { askForForm, send, upload } from "./file-client.ts";

const SCRIPT = 'console.log("ran at " + self.origin); try { localStorage.setItem("ran", "1") } catch {}';
const HTML = `<!doctype html><script>${SCRIPT}</script><img src="x:" onerror='${SCRIPT}'><body onload='${SCRIPT}'>`;
const SVG =
  `<svg xmlns="http://www.w3.org/2000/svg" onload='${SCRIPT}'><script><![CDATA[${SCRIPT}]]></script>` +
  `<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script&gt;console.log('ran at ' + origin)&lt;/script&gt;"/></foreignObject></svg>`;
const XHTML = `<html xmlns="http://www.w3.org/1999/xhtml"><script>${SCRIPT}</script></html>`;

interface Hostile {
  readonly name: string;
  /** Where it is not guessed from the name. */
  readonly type?: string;
  readonly content: string;
}

const FILES: Readonly<Record<string, Hostile>> = {
  "an HTML page": { name: "page.html", content: HTML },
  "an HTML page that is called a picture": { name: "cat.png", type: "text/html", content: HTML },
  "an SVG picture": { name: "picture.svg", content: SVG },
  "an XHTML page": { name: "page.xhtml", type: "application/xhtml+xml", content: XHTML },
  "a page of no type": { name: "page", type: "", content: HTML },
  "a name that would end its header": {
    name: 'a"; filename="b.html"\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\'.html',
    content: HTML,
  },
};

/** Uploads a file. @returns its link, and the name that it has. */
async function linkTo(
  { url }: Network,
  { name, type, content }: Hostile,
): Promise<readonly [link: string, name: string]> {
  const files = `${url}/v1/files/demo/channels/hostile`;
  const form = await askForForm(files, name);
  const { status } = await upload(form, content, type === undefined ? {} : { "Content-Type": type });
  expect(status).toBe(204);
  const place = `${files}/files/${form.id}/${encodeURIComponent(form.name)}`;
  const { headers } = await fetch(place, { redirect: "manual" });
  return [headers.get("location") ?? "", form.name];
}

/** Everything that pages of a browser wrote to their consoles about having run. */
function listen(page: Page): string[] {
  const ran: string[] = [];
  page.context().on("console", (message) => {
    if (message.text().startsWith("ran at ")) ran.push(message.text());
  });
  return ran;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(5);
}

/** Every way in which a page can have a browser show what is behind an address, without a click. */
const EMBED = `(link) => {
  const make = (name, attributes) => document.body.append(Object.assign(document.createElement(name), attributes));
  make("iframe", { src: link });
  make("object", { data: link });
  make("object", { data: link, type: "image/svg+xml" });
  make("embed", { src: link });
  make("img", { src: link });
  make("script", { src: link });
  make("script", { src: link, type: "module" });
  make("link", { rel: "stylesheet", href: link });
  make("link", { rel: "prerender", href: link });
  window.open(link);
}`;

/** A frame whose script certainly runs, begun after everything else: when it has, so would have whatever can. */
async function waitForControl(page: Page, ran: readonly string[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const before = ran.length;
    await page.evaluate(`(() => {
      const frame = document.createElement("iframe");
      frame.srcdoc = "<script>console.log('ran at control')</" + "script>";
      document.body.append(frame);
    })()`);
    await until(() => ran.slice(before).includes("ran at control"));
  }
}

const others = (ran: readonly string[]): readonly string[] => ran.filter((line) => line !== "ran at control");

async function withNetwork(run: (network: Network) => Promise<void>): Promise<void> {
  const network = await startNetwork({ memory: true, port: 0, drainSeconds: 0 }, { log: SILENT_LOG });
  try {
    await run(network);
  } finally {
    await network.stop();
  }
}

/** Runs something for each case, each in a window of its own: a browser takes longer to start than all of them. */
async function forEach<Case>(
  chromium: string,
  cases: Readonly<Record<string, Case>>,
  run: (network: Network, page: Page, one: Case) => Promise<void>,
): Promise<void> {
  await withNetwork((network) =>
    inPage(chromium, {}, async (first) => {
      for (const [what, one] of Object.entries(cases)) {
        const window = await first.context().browser()?.newContext();
        const page = await window?.newPage();
        if (!page) throw new Error("the browser is gone");
        await page.goto(first.url());
        await run(network, page, one).catch((failure: unknown) => {
          throw new Error(what, { cause: failure });
        });
        await window?.close();
      }
    }),
  );
}

testWith("chromium", "[FIL23] whatever is opened in Chromium is saved and runs nowhere", (chromium) =>
  forEach(chromium, FILES, async (network, page, file) => {
    const ran = listen(page);
    const [link, name] = await linkTo(network, file);
    const saving = page.waitForEvent("download");
    await page.goto(link).catch(() => {}); // it becomes no page
    const download = await saving;
    expect(new URL(download.url()).origin).toBe(network.url);
    // Browsers replace what a disk might take amiss; nothing of the name may have become another header.
    const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9.]/g, "_");
    expect(plain(download.suggestedFilename())).toStartWith(plain(name).slice(0, 40));
    expect(await Bun.file(await download.path()).text()).toBe(file.content);
    await page.evaluate(`(${EMBED})(${JSON.stringify(link)})`);
    await waitForControl(page, ran);
    expect(others(ran)).toEqual([]);
  }),
);

testWith("chromium", "[FIL23] whatever is embedded in a page of the network's own origin runs nowhere", (chromium) =>
  forEach(chromium, FILES, async (network, page, file) => {
    const ran = listen(page);
    const [link] = await linkTo(network, file);
    await page.goto(`${network.url}/time/0`);
    const answered: number[] = [];
    page.context().on("response", (response) => {
      if (response.url() === link) answered.push(response.status());
    });
    await page.evaluate(`(${EMBED})(${JSON.stringify(link)})`);
    await until(() => answered.length >= 4);
    await waitForControl(page, ran);
    expect(others(ran)).toEqual([]);
    expect(await page.evaluate("Object.keys(localStorage)")).toEqual([]);
  }),
);

const WAYS: Readonly<Record<string, string>> = {
  "a service worker": `navigator.serviceWorker.register(link, { scope: new URL(".", link).href })`,
  "a worker": `new Promise((resolve, reject) => { new Worker(link).onerror = reject; })`,
  "a shared worker": `new Promise((resolve, reject) => { new SharedWorker(link).onerror = reject; })`,
  "a module": `import(link)`,
  "a script": `new Promise((resolve, reject) => {
    document.body.append(Object.assign(document.createElement("script"), { src: link, onload: resolve, onerror: reject }));
  })`,
};
testWith(
  "chromium",
  "[FIL23] a script that was uploaded is taken for no script or worker of the network's origin",
  (chromium) =>
    forEach(chromium, WAYS, async (network, page, way) => {
      const ran = listen(page);
      await page.goto(`${network.url}/time/0`);
      for (const type of ["text/javascript", "application/javascript; charset=utf-8", "text/html", ""]) {
        const [link] = await linkTo(network, { name: "script.js", type, content: SCRIPT });
        const told: unknown = await page.evaluate(
          `(async (link) => { try { await ${way}; return "taken"; } catch { return "refused"; } })(${JSON.stringify(link)})`,
        );
        expect([type, told]).toEqual([type, "refused"]);
      }
      await waitForControl(page, ran);
      expect(others(ran)).toEqual([]);
    }),
);

interface Loss {
  /** Headers of the answer that a proxy loses on the way. */
  readonly lost: readonly string[];
  readonly origin: string;
  readonly ran: readonly string[];
}

// The second is a control: what these tests listen for does happen where nothing is done against it.
const LOSSES: Readonly<Record<string, Loss>> = {
  "no disposition": { lost: ["content-disposition"], origin: "null", ran: [] },
  "none of our care": {
    lost: ["content-disposition", "content-security-policy"],
    origin: "NETWORK",
    ran: ["ran at NETWORK"],
  },
};
testWith("chromium", "[FIL23] without its disposition a picture is a page without scripts, of no origin", (chromium) =>
  forEach(chromium, LOSSES, async (network, page, { lost, origin, ran }) => {
    const told = listen(page);
    const named = (text: string): string => text.replace(network.url, "NETWORK");
    const [link] = await linkTo(network, { name: "picture.svg", content: SVG });
    await page.route("**/v1/file-content/**", async (route) => {
      const response = await route.fetch();
      const headers = Object.entries(response.headers()).filter(([name]) => !lost.includes(name));
      await route.fulfill({ response, headers: Object.fromEntries(headers) });
    });
    await page.goto(link);
    expect(named(await page.evaluate("self.origin"))).toBe(origin);
    expect([...new Set(told.map(named))]).toEqual([...ran]);
  }),
);

// One pixel.
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

testWith(
  "chromium",
  "[FIL23] pictures show in a page of another origin all the same, and its scripts may read files",
  (chromium) =>
    withNetwork((network) =>
      inPage(chromium, {}, async (page) => {
        const files = `${network.url}/v1/files/demo/channels/pictures`;
        const png = await send(files, "pixel.png", Buffer.from(PNG, "base64"));
        const svg = await send(files, "pixel.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="1"/>');
        for (const [form, width] of [
          [png, 1],
          [svg, 3],
        ] as const) {
          const url = `${files}/files/${form.id}/${form.name}`;
          const shown: unknown = await page.evaluate(
            `(async () => { const image = new Image(); image.src = ${JSON.stringify(url)}; await image.decode(); return image.naturalWidth; })()`,
          );
          expect([form.name, shown]).toEqual([form.name, width]);
        }
        const read: unknown = await page.evaluate(
          `(async () => {
          const response = await fetch(${JSON.stringify(`${files}/files/${svg.id}/${svg.name}`)}, { headers: { Range: "bytes=0-3" } });
          return [response.status, response.headers.get("content-range"), await response.text()];
        })()`,
        );
        expect(read).toEqual([206, "bytes 0-3/62", "<svg"]);
      }),
    ),
);
