import { expect, test } from "bun:test";
import { WireNetwork } from "./wire-network.ts";

const legacy = (names: string, timetoken: string, callback = "0"): string =>
  `/subscribe/demo/${names}/${callback}/${timetoken}`;

test("[SUB16 SUB1] a handshake of the legacy form", async () => {
  await using network = await WireNetwork.start();
  await network.publish("room", "1");
  const body = `[[],"${network.now}"]`;
  for (const names of ["room", "room,lobby", "a.*", "room,a.*"]) {
    expect(await network.ask(legacy(names, "0"))).toEqual({ status: 200, body });
  }
});

// Published: 1 to a.b, "two" to a, {"n":3} to a.b, in this order.
const FORMS: Readonly<Record<string, string>> = {
  "a.b": '[[1,{"n":3}],"<3>"]',
  "a.b,a.b": '[[1,{"n":3}],"<3>"]',
  a: '[["two"],"<2>"]',
  "a,a.b": '[[1,"two",{"n":3}],"<3>","a.b,a,a.b"]',
  "a,x": '[["two"],"<2>","a"]',
  "a.*": '[[1,{"n":3}],"<3>","a.*,a.*","a.b,a.b"]',
  "a,a.*": '[[1,"two",{"n":3}],"<3>","a.*,a,a.*","a.b,a,a.b"]',
  "a.*,a.b": '[[1,1,{"n":3},{"n":3}],"<3>","a.b,a.*,a.b,a.*","a.b,a.b,a.b,a.b"]',
};

for (const [names, form] of Object.entries(FORMS)) {
  test(`[SUB16] the backlog of ${names} in the legacy form`, async () => {
    await using network = await WireNetwork.start();
    await network.publish("a.b", "1", "uuid=alice&meta=1");
    const second = await network.publish("a", '"two"');
    const third = await network.publish("a.b", '{ "n": 3 }');
    const body = form.replace("<2>", second).replace("<3>", third);
    expect(await network.ask(legacy(names, "1"))).toEqual({ status: 200, body });
  });
}

test("[SUB16 SUB3] a poll of the legacy form is held, woken, and ended empty with its cursor", async () => {
  await using network = await WireNetwork.start();
  const woken = network.ask(legacy("room,lobby", await network.handshake()));
  await network.holds(1);
  const timetoken = await network.publish("lobby", "1");
  expect((await woken).body).toBe(`[[1],"${timetoken}","lobby"]`);
  const expired = network.ask(legacy("room,a.*", timetoken));
  await network.holds(1);
  network.clock.advance(282_000);
  expect(await expired).toEqual({ status: 200, body: `[[],"${timetoken}"]` });
});

test("[SUB16 WIRE1] signals come as payloads alone", async () => {
  await using network = await WireNetwork.start();
  const timetoken = await network.sent("/signal/demo/demo/0/room/0/%22typing%22");
  expect((await network.ask(legacy("room", "1"))).body).toBe(`[["typing"],"${timetoken}"]`);
});

const REFUSED: Readonly<Record<string, string>> = {
  [legacy("room", "abc")]: "Invalid Timetoken",
  [legacy("room", "-1")]: "Invalid Timetoken",
  [legacy("room", "")]: "Invalid Timetoken",
  [legacy(",", "0")]: "No Channel Specified",
  [legacy("a%2Fb", "0")]: "Invalid Channel",
};

for (const [target, message] of Object.entries(REFUSED)) {
  test(`[SUB16 SUB4] ${target} is refused: ${message}`, async () => {
    await using network = await WireNetwork.start();
    const body = `{"message":"${message}","error":true,"service":"Subscribe","status":400}`;
    expect(await network.ask(target)).toEqual({ status: 400, body });
  });
}
