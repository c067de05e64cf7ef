/**
 * The calls of the core: sending, presence, the token that is carried. Each is a row of a table, and here the line that hands it
 * to the one caller.
 *
 * Inherited by the client of the core, and so by the whole one: the one place where something is besides errors, so that every
 * call is found on the client itself and no part of it is a file of a thousand lines.
 *
 * @module
 */
import { requireToken } from "../access/credentials.ts";
import { PLAIN_WAY } from "../access/settings.ts";
import { type CallOptions, type Caller, perform } from "../endpoints/call.ts";
import {
  type DoneResult,
  type GetStateParameters,
  type GetStateResult,
  type HeartbeatParameters,
  type HereNowParameters,
  type HereNowResult,
  type NamesParameters,
  type SetStateParameters,
  type SetStateResult,
  type WhereNowParameters,
  type WhereNowResult,
  getStateCall,
  heartbeatCall,
  hereNowCall,
  leaveCall,
  setStateCall,
  whereNowCall,
} from "../endpoints/presence.ts";
import {
  type FireParameters,
  type PublishParameters,
  type SignalParameters,
  fireCall,
  publishCall,
  signalCall,
} from "../endpoints/publishing.ts";
import { timeCall } from "../endpoints/time.ts";
import type { TimetokenResult } from "../endpoints/timetoken-result.ts";
import type { Engine } from "../engine.ts";
import { refusalOf } from "../errors.ts";
import { identified } from "../retry/repeats.ts";

/** The calls that every client has. */
export class CoreCalls {
  readonly #engine: Engine;

  /** @param engine what calls are made with. */
  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get #caller(): Caller {
    return this.#engine.caller;
  }

  /**
   * Asks for the network's clock.
   *
   * @example
   * ```ts
   * const { timetoken } = await pubnub.time(); // "17326051234567890"
   * ```
   * @see spec/SDK.md SDK9
   */
  time(options: CallOptions = {}): Promise<TimetokenResult> {
    return perform(this.#caller, timeCall, options);
  }

  /**
   * Publishes a message; resolves with its timetoken once it is accepted, and kept where it is to be kept.
   *
   * @throws {PubNubError} `PNBadRequestCategory` when the network refuses it, `PNServerErrorCategory` when it cannot keep it,
   *   `PNNetworkIssuesCategory` or `PNTimeoutCategory` when it is unknown whether it arrived. With a reconnection policy a message
   *   that got no answer is first sent again, for about a minute, where the network takes it once.
   * @example
   * ```ts
   * const { timetoken } = await pubnub.publish({
   *   channel: "hello",
   *   message: { text: "hi" },
   *   meta: { lang: "en" },
   *   customMessageType: "chat-line",
   *   signal: AbortSignal.timeout(2_000),
   * });
   * ```
   * @see spec/SDK.md SDK6
   */
  publish(parameters: PublishParameters): Promise<TimetokenResult> {
    return perform(this.#caller, publishCall, identified(this.#caller.configuration, parameters));
  }

  /**
   * Publishes a message that is acknowledged, not kept, and delivered to no subscriber.
   *
   * @throws {PubNubError} as {@link publish}.
   * @see spec/SDK.md SDK7
   */
  fire(parameters: FireParameters): Promise<TimetokenResult> {
    return perform(this.#caller, fireCall, parameters);
  }

  /**
   * Sends a signal: at most 64 bytes of JSON, never kept.
   *
   * @throws {PubNubError} as {@link publish}.
   * @example
   * ```ts
   * await pubnub.signal({ channel: "hello", message: "typing" });
   * ```
   * @see spec/SDK.md SDK7
   */
  signal(parameters: SignalParameters): Promise<TimetokenResult> {
    return perform(this.#caller, signalCall, identified(this.#caller.configuration, parameters));
  }

  /**
   * Says who is on channels, on the members of groups, or without both on all channels of the keyset.
   *
   * @example
   * ```ts
   * const { totalOccupancy, channels } = await pubnub.hereNow({ channels: ["hello"], includeState: true });
   * ```
   * @see spec/SDK.md SDK28
   */
  hereNow(parameters: HereNowParameters = {}): Promise<HereNowResult> {
    return perform(this.#caller, hereNowCall, parameters);
  }

  /** Says on which channels somebody is. @see spec/SDK.md SDK28 */
  whereNow(parameters: WhereNowParameters = {}): Promise<WhereNowResult> {
    return perform(this.#caller, whereNowCall, parameters);
  }

  /** Reads somebody's state on channels. @see spec/SDK.md SDK28 */
  getState(parameters: GetStateParameters): Promise<GetStateResult> {
    return perform(this.#caller, getStateCall, parameters);
  }

  /**
   * Sets somebody's state on channels.
   *
   * @example
   * ```ts
   * await pubnub.setState({ channels: ["hello"], state: { mood: "fine" } });
   * ```
   * @see spec/SDK.md SDK28
   */
  async setState(parameters: SetStateParameters): Promise<SetStateResult> {
    const result = await perform(this.#caller, setStateCall, parameters);
    this.#engine.keepState(parameters);
    return result;
  }

  /** Says that this client is present on channels; subscribing is not needed for it. @see spec/SDK.md SDK29 */
  heartbeat(parameters: HeartbeatParameters): Promise<DoneResult> {
    return perform(this.#caller, heartbeatCall, parameters);
  }

  /** Says that this client is no longer present on channels. @see spec/SDK.md SDK29 */
  leave(parameters: NamesParameters): Promise<DoneResult> {
    return perform(this.#caller, leaveCall, parameters);
  }

  /**
   * Sets the token that requests show from the next one on.
   *
   * @param token nothing takes it away, so that the configuration's `authKey` counts again.
   * @throws {PubNubError} `PNValidationErrorCategory` when it could be read on the way to the network.
   * @example
   * ```ts
   * pubnub.setToken("p0F2AkF0GmB4Sd9DdHRsD0NyZXOkRGNoYW6iY2ZvbwFj");
   * pubnub.reconnect(); // where the network refused the subscription before
   * ```
   * @see spec/SDK.md SDK52
   */
  setToken(token: string | undefined): void {
    const { credentials, allowPlainCredentials } = this.#caller.configuration;
    if (token !== undefined && !allowPlainCredentials) throw refusalOf("The token was not set", PLAIN_WAY);
    credentials.token = token === undefined ? undefined : requireToken(token);
  }

  /** The token that was set last; nothing where none was. */
  getToken(): string | undefined {
    return this.#caller.configuration.credentials.token;
  }
}
