/**
 * The push-gateway port: hands one notification to a provider, for one device.
 *
 * A gateway acts on what the provider says as the provider asks for it, and never throws: everything that can happen is an
 * outcome. It holds no state that a restart would miss. Rules: spec/PUSH.md PSH60-PSH69.
 *
 * @module
 */
import type { PushApp, PushEnvironment } from "./push-store.ts";

/** What one message asks to be sent to the devices of one app that are registered for its channel. */
export interface PushNotice {
  readonly app: PushApp;
  /** What goes beside the body, as the gateway calls it. Google's has none. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text of one object: what a device is sent; for Google the message without its address. */
  readonly body: string;
  /** Tokens that are told nothing, as they are kept. */
  readonly excluded: readonly string[];
}

/** A Google service account that may send for its project. Secret. */
export interface FcmCredentials {
  readonly projectId: string;
  readonly clientEmail: string;
  /** PEM, PKCS #8, RSA. */
  readonly privateKey: string;
  /** Where access tokens are had: an https address. */
  readonly tokenUrl: string;
}

/** A signing key of an Apple developer team. Secret. */
export interface ApnsCredentials {
  readonly teamId: string;
  readonly keyId: string;
  /** PEM, PKCS #8, on the curve P-256. */
  readonly privateKey: string;
  /** The app of devices that were registered without a topic; nothing where those are sent nothing. */
  readonly topic: string | undefined;
  /** Which host those devices belong to. */
  readonly environment: PushEnvironment;
}

/** What a keyset may send with. */
export interface PushCredentials {
  readonly fcm: FcmCredentials | undefined;
  readonly apns: ApnsCredentials | undefined;
}

/** A notification for one device. */
export interface PushLetter {
  readonly notice: PushNotice;
  readonly token: string;
}

/** What came of a letter. Reasons are the provider's own code, or one of ours in lower case; they hold no token. */
export type SendOutcome =
  | { readonly kind: "sent" }
  /** The device is not there any more; where the provider says, since an instant in milliseconds since the Unix epoch. */
  | { readonly kind: "gone"; readonly reason: string; readonly sinceMs: number | undefined }
  /** It will not be delivered to this device, for a reason that concerns no other. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It would not be delivered to any device: what is sent is wrong. */
  | { readonly kind: "unsendable"; readonly reason: string }
  /** It may be delivered later, and not before so many milliseconds where the provider says so. */
  | { readonly kind: "later"; readonly reason: string; readonly afterMs: number | undefined };

/** Sends to one provider. */
export interface PushGateway<Credentials> {
  /** @param credentials the same object while nothing about them changes, so that what was made with them is kept. */
  send(credentials: Credentials, letter: PushLetter): Promise<SendOutcome>;
  /** Ends what is under way, as `later`, and closes connections. May be called twice. */
  stop(): Promise<void>;
}

/** The gateways of a network. */
export interface PushGateways {
  readonly fcm: PushGateway<FcmCredentials>;
  readonly apns: PushGateway<ApnsCredentials>;
}
