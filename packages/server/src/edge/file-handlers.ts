/**
 * The handlers of files: read the request, call the service, shape the answer.
 *
 * Rules: spec/FILES.md.
 *
 * @module
 */
import { type ErrorCode, type ErrorDetail, LIMITS, NetworkError } from "@longwave/protocol";
import type { Files, FormOutcome, OpenOutcome, UploadOutcome } from "../files/files.ts";
import { readMediaType } from "../files/media-type.ts";
import type { NamedFile, UploadPolicy } from "../files/signed-links.ts";
import type { FileRecord } from "../ports/file-store.ts";
import { type Exchange, type Handler } from "./exchange.ts";
import {
  answerContent,
  answerDeleted,
  answerForm,
  answerHead,
  answerPage,
  answerRedirect,
  answerSame,
  answerUploaded,
} from "./file-answers.ts";
import { readWanted } from "./file-conditions.ts";
import { readFileLink, readFileRequest, readFilesList, readFormRequest, readGivenForm } from "./file-request.ts";
import { readFileForm } from "./multipart.ts";
import type { Services } from "./services.ts";

/** The handlers of this service's rows of the route table, but for the message that announces a file. */
export const FILE_HANDLERS = {
  fileUploadForm: answerUploadForm,
  filesList: answerList,
  fileGet: answerGet,
  fileDelete: answerDelete,
  fileUpload: answerUpload,
  fileContent: answerLink,
} satisfies Record<string, Handler>;

async function answerUploadForm(services: Services, exchange: Exchange): Promise<Response> {
  const { files } = services;
  const { keyset, channel, name } = await readFormRequest(exchange);
  const url = `${originOf(services, exchange)}/v1/file-content/${encodeURIComponent(keyset.subscribeKey)}`;
  return answerForm(files.offer(keyset, channel, name), url);
}

async function answerList({ files }: Services, exchange: Exchange): Promise<Response> {
  return answerPage(await files.list(readFilesList(exchange)));
}

async function answerGet(services: Services, exchange: Exchange): Promise<Response> {
  const { files, clock } = services;
  const file = readFileRequest(exchange);
  return answerRedirect(originOf(services, exchange), file, files.link(file), clock.wallMs());
}

async function answerDelete({ files }: Services, exchange: Exchange): Promise<Response> {
  const { name, ...place } = readFileRequest(exchange);
  const outcome = await files.remove(place, name);
  if (outcome.kind === "unavailable") throw new NetworkError("filesUnavailable");
  return answerDeleted(); // also where there was none: what was asked for is so
}

async function answerLink({ files }: Services, exchange: Exchange): Promise<Response> {
  const { file, link } = readFileLink(exchange);
  const outcome = await files.open(file, link);
  if (outcome.kind !== "file") throw new NetworkError(LINK_REFUSED[outcome.kind]);
  return answerWanted(files, exchange.request, outcome.file);
}

async function answerWanted(files: Files, { method, headers }: Request, file: FileRecord): Promise<Response> {
  const wanted = readWanted(headers, file);
  if (wanted.kind === "unchanged") return answerSame(file);
  if (method === "HEAD") return answerHead(file); // which takes no account of ranges
  if (wanted.kind === "beyond") throw new NetworkError("fileRangeBeyond", { bytes: file.bytes });
  const range = wanted.kind === "range" ? wanted.range : undefined;
  const got = await files.read(file, range);
  if (got.kind === "blob") return answerContent(file, got.content, range);
  throw new NetworkError(got.kind === "none" ? "fileUnknown" : "fileUnavailable");
}

const LINK_REFUSED: Readonly<Record<Exclude<OpenOutcome["kind"], "file">, ErrorCode>> = {
  altered: "fileLinkAltered",
  expired: "fileLinkExpired",
  off: "filesOff",
  none: "fileUnknown",
};

// Whoever sends a byte now and then for ever would hold a place among the keyset's uploads.
async function answerUpload(services: Services, exchange: Exchange): Promise<Response> {
  const { request, connections } = exchange;
  const reader = request.body?.getReader();
  const keepOpen = connections.upload(request, LIMITS.uploadSecondsMax);
  const deadline = services.clock.after(LIMITS.uploadSecondsMax * 1_000, () => void reader?.cancel());
  try {
    return await receiveUpload(services, exchange, piecesOf(reader, keepOpen));
  } finally {
    deadline.cancel();
  }
}

async function receiveUpload(
  services: Services,
  exchange: Exchange,
  body: AsyncIterable<Uint8Array>,
): Promise<Response> {
  const { files, traced } = services;
  const { fields, content } = await readFileForm(exchange.request.headers.get("content-type"), body);
  const given = files.check(readGivenForm(exchange, fields));
  if (given.kind !== "policy") throw new NetworkError(FORM_REFUSED[given.kind]);
  const upload = { mediaType: readMediaType(fields.get("Content-Type")), content };
  const outcome = await traced("longwave.file.upload", () => files.receive(given.policy, upload));
  if (outcome.kind !== "kept") throw refusalOf(outcome, given.policy, exchange.request);
  return answerUploaded(outcome.digest, originOf(services, exchange) + pathOfFile(given.policy));
}

// Where a file is asked for, by whoever may read its channel.
function pathOfFile({ keyset, channel, id, name }: NamedFile): string {
  const [sub, where, file] = [keyset, channel, name].map(encodeURIComponent);
  return `/v1/files/${sub}/channels/${where}/files/${id}/${file}`;
}

const FORM_REFUSED: Readonly<Record<Exclude<FormOutcome["kind"], "policy">, ErrorCode>> = {
  altered: "uploadAltered",
  expired: "uploadExpired",
  off: "filesOff",
};

type UploadRefusal = Exclude<UploadOutcome, { readonly kind: "kept" }>;

const UPLOAD_REFUSED: Readonly<Record<UploadRefusal["kind"], ErrorCode>> = {
  tooLarge: "uploadTooLarge",
  broken: "uploadMalformed",
  used: "uploadUsed",
  noRoom: "uploadNoRoom",
  overloaded: "uploadsTooMany",
  unavailable: "uploadUnavailable",
};

function refusalOf(outcome: UploadRefusal, { bytesMax }: UploadPolicy, request: Request): unknown {
  if (outcome.kind === "broken" && !(outcome.failure instanceof NetworkError)) return outcome.failure; // a bug
  const detail = outcome.kind === "tooLarge" ? { bytes: proposedBytes(request, outcome.bytes), bytesMax } : {};
  return new NetworkError(UPLOAD_REFUSED[outcome.kind], detail satisfies ErrorDetail);
}

// What the client said that it would send, where it did; the rest is not waited for.
function proposedBytes({ headers }: Request, seen: number): number {
  return Number(headers.get("content-length") ?? seen);
}

async function* piecesOf(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  keepOpen: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return;
    keepOpen();
    yield next.value;
  }
}

// Where the client reached us, by its own account unless we know better: what is signed does not depend on it.
function originOf({ publicOrigin }: Services, { request: { url } }: Exchange): string {
  if (publicOrigin !== undefined) return publicOrigin;
  return URL.canParse(url) ? new URL(url).origin : "";
}
