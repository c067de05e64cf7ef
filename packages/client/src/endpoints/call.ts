/**
 * The one caller: turns a row of the table of calls into a request, and its answer into a result or an error.
 *
 * Rules: spec/SDK.md SDK4, SDK10, SDK49, SDK71.
 *
 * @module
 */
import type { CryptoModule } from "../crypto/crypto-module.ts";
import type { Configuration } from "../configuration.ts";
import { refusalOf } from "../errors.ts";
import type { Transport, TransportAnswer, TransportRequest } from "../transport/transport.ts";
import { errorOfAnswer, errorOfFailure, errorOfMalformed } from "./failure.ts";
import { type CallRequest, encodeRequest, fitsAddress } from "./request.ts";

/** How a call is made. */
export interface CallOptions {
  /** Aborts the call; its promise then rejects with `PNCancelledCategory`. What was sent may have arrived all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** One row of the table of calls. */
export interface Call<Parameters extends CallOptions, Result> {
  /** As in statuses and errors. */
  readonly operation: string;
  /** Checks the parameters and says what to ask. Throws a {@link PubNubError} for what cannot be sent. */
  readonly request: (parameters: Parameters, configuration: Configuration) => CallRequest;
  /** How the answer is waited for, where it is another way than that of most. */
  readonly way?: (configuration: Configuration) => Pick<TransportRequest, "timeoutMs" | "wantsBytes">;
  /** Reads a successful answer; undefined where it is not what it should be. */
  readonly parse: (text: string, parameters: Parameters, answer: TransportAnswer) => Result | undefined;
  /** With a crypto module: encrypts what is to be sent. */
  readonly seal?: (parameters: Parameters, cryptoModule: CryptoModule) => Promise<Parameters>;
  /** With a crypto module: decrypts what was read. */
  readonly open?: (result: Result, cryptoModule: CryptoModule) => Promise<Result>;
  /** Adds what the client itself knows. */
  readonly complete?: (result: Result, configuration: Configuration) => Result;
}

/** What calls are made with. */
export interface Caller {
  readonly configuration: Configuration;
  readonly transport: Transport;
  /** Sends what carries an id, again and again if need be. */
  readonly repeats: Transport;
}

const TOO_LONG = "the parameters are too long for an address; give fewer names at a time";

/**
 * Makes a call.
 *
 * @throws {PubNubError} whatever goes wrong; nothing else is ever thrown.
 */
export async function perform<Parameters extends CallOptions, Result>(
  { configuration, transport, repeats }: Caller,
  call: Call<Parameters, Result>,
  parameters: Parameters,
): Promise<Result> {
  const { operation, seal, open } = call;
  const { cryptoModule } = configuration;
  try {
    const given = cryptoModule && seal ? await seal(parameters, cryptoModule) : parameters;
    const asked = call.request(given, configuration);
    if (!fitsAddress(configuration, asked)) throw refusalOf("Nothing was sent", TOO_LONG);
    const request = encodeRequest(configuration, asked);
    const { signal } = parameters;
    const send = asked.query?.["lw_id"] === undefined ? transport : repeats;
    const answer = await send({
      ...request,
      timeoutMs: configuration.transactionalRequestTimeout,
      ...call.way?.(configuration),
      signal,
    });
    if (answer.status >= 400) throw errorOfAnswer(answer, operation, configuration);
    const result = call.parse(answer.text, given, answer);
    if (result === undefined) throw errorOfMalformed(answer, operation);
    const opened = cryptoModule && open ? await open(result, cryptoModule) : result;
    return call.complete === undefined ? opened : call.complete(opened, configuration);
  } catch (failure) {
    throw errorOfFailure(failure, operation, configuration);
  }
}
