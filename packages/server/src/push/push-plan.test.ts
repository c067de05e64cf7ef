import { expect, test } from "bun:test";
import { LIMITS } from "@longwave/protocol";
import * as fc from "fast-check";
import type { PushNotice } from "../ports/push-gateway.ts";
import type { PushApp } from "../ports/push-store.ts";
import { type PushPlan, planPush } from "./push-plan.ts";

const V1: PushApp = { gateway: "apns" };
const FCM: PushApp = { gateway: "fcm" };
const app = (topic: string, environment: "development" | "production" = "development"): PushApp => ({
  gateway: "apns2",
  environment,
  topic,
});

const ALERT = { "apns-push-type": "alert" };
const HELLO = '{"aps":{"alert":"hello"}}';
const apple = (of: PushApp, given: Partial<PushNotice> = {}): PushNotice => ({
  app: of,
  headers: ALERT,
  body: HELLO,
  excluded: [],
  ...given,
});
const google = (body: string, excluded: readonly string[] = []): PushNotice => ({
  app: FCM,
  headers: {},
  body,
  excluded,
});

/** A plan without anything wrong. */
const plan = (...notices: readonly PushNotice[]): PushPlan => ({ notices, problems: [], isDebugged: false });
const withPush = (push: string, aps = '"aps":{"alert":"hello"}'): string => `{"pn_apns":{${aps},"pn_push":${push}}}`;

type Cases = Readonly<Record<string, readonly [payload: string, plan: PushPlan]>>;

const NOTHING: Readonly<Record<string, string>> = {
  "a text": '"pn_apns"',
  "a list": '[{"pn_apns":{"aps":{}}}]',
  "an object without push members": '{"text":"\\"pn_apns\\"","pn_other":1,"pn_debug":true}',
  "members further down": '{"a":{"pn_apns":{"aps":{"alert":"hello"}},"pn_gcm":{"data":{}}}}',
  "an ended gateway": '{"pn_mpns":{"title":"hello"}}',
  "a ciphertext": '"8pn_apnsYl/K2dlPFbvMYX=="',
};
for (const [what, payload] of Object.entries(NOTHING)) {
  test(`planPush() [PSH30] ${what} asks for nothing`, () => expect(planPush(payload)).toEqual(plan()));
}

const APPLE: Cases = {
  "devices without a topic": ['{"pn_apns":{"aps":{"alert":"hello"}},"text":1}', plan(apple(V1))],
  "bytes as they were": [
    '{"pn_apns":{"aps":{"badge":1.0,"alert":"\\u00fc"},"id":12345678901234567890,"pn_exceptions":[],"z":{"pn_push":1}}}',
    plan(apple(V1, { body: '{"aps":{"badge":1.0,"alert":"\\u00fc"},"id":12345678901234567890,"z":{"pn_push":1}}' })),
  ],
  "a target besides": [withPush('[{"targets":[{"topic":"com.app"}]}]'), plan(apple(V1), apple(app("com.app")))],
  "targets by topic and environment": [
    withPush(
      '[{"version":"v2","auth_method":"cert","targets":[{"topic":"a","environment":"production"},{"topic":"a","environment":"development"},{"topic":"b"}]},' +
        '{"targets":[{"topic":"c","environment":"production"}]}]',
    ),
    plan(apple(V1), ...[app("a", "production"), app("a"), app("b"), app("c", "production")].map((of) => apple(of))),
  ],
  "no target": [withPush("[]"), plan(apple(V1))],
  "devices that are left out of a target": [
    withPush('[{"targets":[{"topic":"a","excluded_devices":["AbCd","ef"]},{"topic":"b","excluded_devices":[]}]}]'),
    plan(apple(V1), apple(app("a"), { excluded: ["abcd", "ef"] }), apple(app("b"))),
  ],
  "devices that are left out of all": [
    '{"pn_apns":{"aps":{"alert":"hello"},"pn_exceptions":["AA"],"pn_push":[{"targets":[{"topic":"a","excluded_devices":["bb"]}]}]}}',
    plan(apple(V1, { excluded: ["aa"] }), apple(app("a"), { excluded: ["aa", "bb"] })),
  ],
};
for (const [what, [payload, expected]] of Object.entries(APPLE)) {
  test(`planPush() [PSH32 PSH33 PSH38] Apple: ${what}`, () => expect(planPush(payload)).toEqual(expected));
}

const HEADERS: Readonly<Record<string, readonly [push: string, headers: PushNotice["headers"], aps?: string]>> = {
  nothing: ["{}", ALERT],
  "a type": ['{"push_type":"location"}', { "apns-push-type": "location" }],
  "a background type": ['{"push_type":"background"}', { "apns-push-type": "background", "apns-priority": "5" }],
  "a silent notification": [
    "{}",
    { "apns-push-type": "background", "apns-priority": "5" },
    '"aps":{"content-available":1,"category":"c"}',
  ],
  "a silent notification that says otherwise": [
    '{"push_type":"alert"}',
    ALERT,
    '"aps":{"content-available":1,"category":"c"}',
  ],
  "one that also shows something": ["{}", ALERT, '"aps":{"content-available":1,"badge":2}'],
  "what collapses": ['{"collapse_id":"score 1"}', { ...ALERT, "apns-collapse-id": "score 1" }],
  "an expiration": [
    '{"expiration":"2026-11-26T01:02:03.999Z"}',
    { ...ALERT, "apns-expiration": String(Date.UTC(2026, 10, 26, 1, 2, 3) / 1_000) },
  ],
  "a day": ['{"expiration":"2026-11-26"}', { ...ALERT, "apns-expiration": String(Date.UTC(2026, 10, 26) / 1_000) }],
  "an instant before 1970": ['{"expiration":"1960-01-01"}', { ...ALERT, "apns-expiration": "0" }],
};
for (const [what, [push, headers, aps]] of Object.entries(HEADERS)) {
  test(`planPush() [PSH34 PSH35] Apple's headers: ${what}`, () => {
    const asked = `[{"targets":[{"topic":"a"}]${push === "{}" ? "" : `,${push.slice(1, -1)}`}}]`;
    const { notices, problems } = planPush(withPush(asked, aps));
    expect([notices[1]?.headers, problems]).toEqual([headers, []]);
  });
}

const GOOGLE: Cases = {
  "a message as it is": [
    '{"pn_fcm":{"notification":{"title":"\\u00fc"},"data":{"a":"1"},"android":{"ttl":"5s"},"apns":{"x":1.0}}}',
    plan(google('{"notification":{"title":"\\u00fc"},"data":{"a":"1"},"android":{"ttl":"5s"},"apns":{"x":1.0}}')),
  ],
  "no address of the publisher's": [
    '{"pn_fcm":{"token":"t","topic":"all","condition":"c","pn_exceptions":["x","Y"],"data":{}}}',
    plan(google('{"data":{}}', ["x", "Y"])),
  ],
  "data that is no text": [
    '{"pn_fcm":{"data":{"a":1.50,"b":true,"c":{"d":"e"},"f":null,"g":"h"}}}',
    plan(google('{"data":{"a":"1.50","b":"true","c":"{\\"d\\":\\"e\\"}","f":"null","g":"h"}}')),
  ],
  "both forms": ['{"pn_gcm":{"data":{"a":"old"}},"pn_fcm":{"data":{"a":"new"}}}', plan(google('{"data":{"a":"new"}}'))],
};
for (const [what, [payload, expected]] of Object.entries(GOOGLE)) {
  test(`planPush() [PSH36] Google: ${what}`, () => expect(planPush(payload)).toEqual(expected));
}

const OLDER: Cases = {
  data: ['{"pn_gcm":{"data":{"a":1,"b":"c"}}}', plan(google('{"data":{"a":"1","b":"c"}}'))],
  "a notification": [
    '{"pn_gcm":{"notification":{"title":"t","body":"b","image":"i","icon":"n","color":"#fff","sound":"s","tag":"g","click_action":"o",' +
      '"body_loc_key":"k","body_loc_args":["1"],"title_loc_key":"l","title_loc_args":["2"],"android_channel_id":"c","badge":1}}}',
    plan(
      google(
        '{"notification":{"title":"t","body":"b","image":"i"},"android":{"notification":{"icon":"n","color":"#fff","sound":"s","tag":"g",' +
          '"click_action":"o","body_loc_key":"k","body_loc_args":["1"],"title_loc_key":"l","title_loc_args":["2"],"channel_id":"c"}}}',
      ),
    ),
  ],
  delivery: [
    '{"pn_gcm":{"priority":"high","time_to_live":60,"collapse_key":"k","restricted_package_name":"p","data":{},"to":"t","dry_run":true}}',
    plan(
      google('{"data":{},"android":{"collapse_key":"k","restricted_package_name":"p","priority":"HIGH","ttl":"60s"}}'),
    ),
  ],
  "members that are something else": [
    '{"pn_gcm":{"priority":5,"time_to_live":"60","collapse_key":1,"notification":"n","data":{"a":"b"},"pn_exceptions":["x"]}}',
    plan(google('{"data":{"a":"b"}}', ["x"])),
  ],
};
for (const [what, [payload, expected]] of Object.entries(OLDER)) {
  test(`planPush() [PSH37 PSH38] Google's older form: ${what}`, () => expect(planPush(payload)).toEqual(expected));
}

const LONG = "x".repeat(LIMITS.pushPartBytesMax);
const targets = (list: string): string => withPush(`[{"targets":${list}}]`);
const many = Array.from({ length: 22 }, (_, at) => `{"topic":"t${at}"}`).join(",");

/** What is told, and how many notices are left all the same. */
const PROBLEMS: Readonly<Record<string, readonly [payload: string, notices: number, ...told: readonly string[]]>> = {
  "no object": ['{"pn_apns":[1],"pn_fcm":"a"}', 0, "pn_fcm must be an object", "pn_apns must be an object"],
  "no object in the older form": ['{"pn_gcm":null}', 0, "pn_gcm must be an object"],
  "nothing to say": [
    '{"pn_apns":{"pn_exceptions":[]},"pn_gcm":{"to":"x"}}',
    0,
    "pn_gcm says nothing to a device",
    "pn_apns says nothing to a device",
  ],
  "nothing but an address": ['{"pn_fcm":{"token":"x"}}', 0, "pn_fcm says nothing to a device"],
  "a part that is too large": [`{"pn_fcm":{"data":{"a":"${LONG}"}}}`, 0, "pn_fcm has more than 32768 bytes"],
  "a body that is too large": [
    `{"pn_apns":{"a":"${"é".repeat(2_048)}"},"pn_gcm":{"data":{}}}`,
    1,
    "pn_apns has more than 4096 bytes for a device",
  ],
  "pushes that are no list": [withPush('{"targets":[]}'), 1, "pn_apns.pn_push must be a list"],
  "a push that is no object": [withPush('[1,{"targets":[{"topic":"a"}]}]'), 2, "pn_apns.pn_push[0] must be an object"],
  "no targets": [withPush("[{}]"), 1, "pn_apns.pn_push[0].targets must be a list"],
  "a target that is no object": [targets('[null,{"topic":"a"}]'), 2, "pn_apns.pn_push[0].targets[0] must be an object"],
  "a target without a topic": [
    targets('[{"environment":"production"},{"topic":""}]'),
    1,
    "pn_apns.pn_push[0].targets[0].topic must be an app's identifier",
    "pn_apns.pn_push[0].targets[1].topic must be an app's identifier",
  ],
  "an environment of no host": [
    targets('[{"topic":"a","environment":"staging"}]'),
    1,
    "pn_apns.pn_push[0].targets[0].environment must be development or production",
  ],
  "a target twice": [
    withPush('[{"targets":[{"topic":"a"}]},{"targets":[{"topic":"a","environment":"development"}]}]'),
    2,
    "pn_apns.pn_push[1] has a target that was there before",
  ],
  "too many targets": [
    targets(`[${many}]`),
    21,
    ...Array.from({ length: 2 }, () => "pn_apns.pn_push[0] has a target too many"),
  ],
  "excluded devices that are no list": [
    targets('[{"topic":"a","excluded_devices":"ab"}]'),
    2,
    "pn_apns.pn_push[0].targets[0].excluded_devices must be a list of device tokens",
  ],
  "exceptions that are no texts": [
    '{"pn_fcm":{"data":{},"pn_exceptions":[1]}}',
    1,
    "pn_fcm.pn_exceptions must be a list of device tokens",
  ],
  "headers that Apple does not know": [
    withPush('[{"targets":[{"topic":"a"}],"push_type":"loud","collapse_id":"é","expiration":"soon"}]'),
    2,
    "pn_apns.pn_push[0].push_type must be one of Apple's",
    "pn_apns.pn_push[0].collapse_id must be a text of 1 to 64 printable ASCII characters",
    "pn_apns.pn_push[0].expiration must be a date",
  ],
};
for (const [what, [payload, notices, ...told]] of Object.entries(PROBLEMS)) {
  test(`planPush() [PSH31 PSH32 PSH39] ${what} is told, and does not concern the rest`, () => {
    const { problems, notices: left } = planPush(payload);
    expect([left.length, problems]).toEqual([notices, told]);
  });
}

test("planPush() [PSH35] headers that are wrong are left out", () => {
  const { notices } = planPush(withPush('[{"targets":[{"topic":"a"}],"collapse_id":"","expiration":5}]'));
  expect(notices[1]?.headers).toEqual(ALERT);
});

test("planPush() [PSH32] a call may say more than an alert", () => {
  const large = `"a":"${"x".repeat(4_500)}"`;
  const { notices, problems } = planPush(withPush('[{"push_type":"voip","targets":[{"topic":"a.voip"}]}]', large));
  expect(notices.map(({ app: of }) => of)).toEqual([app("a.voip")]);
  expect(problems).toEqual(["pn_apns has more than 4096 bytes for a device"]); // for devices without a topic
});

test("planPush() [PSH39] is told of who wants to know, and of no more problems than there may be", () => {
  for (const [text, isDebugged] of [
    ["true", true],
    ["false", false],
    ['"true"', false],
    ["1", false],
  ] as const) {
    expect(planPush(`{"pn_fcm":{"data":{}},"pn_debug":${text}}`).isDebugged).toBe(isDebugged);
  }
  const { problems } = planPush(withPush(`[${Array.from({ length: 100 }, () => "1").join(",")}]`));
  expect(problems).toHaveLength(LIMITS.pushProblemsPerMessageMax);
});

const MEMBERS =
  "aps pn_push targets topic environment excluded_devices push_type collapse_id expiration data notification pn_exceptions SECRET".split(
    " ",
  );

test("planPush() [PSH31 PSH39] never fails, and tells nothing that a message holds", () => {
  const part = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<unknown>(null, true, 1, "SECRET", 1.5, ""),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...MEMBERS), tie("value"), { maxKeys: 5 }),
    ),
  })).value;
  const messages = fc.dictionary(fc.constantFrom("pn_apns", "pn_fcm", "pn_gcm", "pn_debug", "text"), part);
  fc.assert(
    fc.property(messages, (message) => {
      const { notices, problems } = planPush(JSON.stringify(message));
      for (const { body } of notices) expect(JSON.parse(body)).toBeObject();
      expect(problems.join("\n")).not.toContain("SECRET");
    }),
    { numRuns: 2_000 },
  );
});
