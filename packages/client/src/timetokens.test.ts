import { expect, test } from "bun:test";
import fc from "fast-check";
import { dateOfTimetoken, timetokenOfDate } from "./index.ts";

test("[SDK66] a timetoken is a date, without what is below a millisecond", () => {
  expect(dateOfTimetoken("17326051234567899").toISOString()).toBe("2024-11-26T07:12:03.456Z");
  expect(dateOfTimetoken("0").getTime()).toBe(0);
  expect(timetokenOfDate(new Date("2024-11-26T07:12:03.456Z"))).toBe("17326051234560000");
});

test("[SDK66] every date of three centuries comes back", () => {
  const dates = fc.date({ min: new Date(0), max: new Date("2286-11-20"), noInvalidDate: true });
  fc.assert(fc.property(dates, (date) => expect(dateOfTimetoken(timetokenOfDate(date))).toEqual(date)));
});

test("[SDK66] what is no timetoken, or no date that has one, is refused", () => {
  for (const timetoken of ["", "1.5", "-1", "123456789012345678", 17 as never, undefined as never]) {
    expect(() => dateOfTimetoken(timetoken)).toThrow("timetoken is not 17 digits");
  }
  for (const date of [new Date(Number.NaN), new Date(-1), new Date("2287-01-01")]) {
    expect(() => timetokenOfDate(date)).toThrow("date is none");
  }
});
