import { expect, test } from "vitest";
import {
  clash,
  formatPort,
  isPossiblePort,
  type PlainPort,
  readShortPort,
} from "../../../src/deploy/compose-file/ports.ts";

function port(text: string): PlainPort {
  const read = readShortPort(text);
  if (read === null) throw new Error(text);
  return read;
}

test.each([
  "80",
  "8080:80",
  "127.0.0.1:8080:80",
  "[::1]:8080:80/udp",
  "127.0.0.1::80",
  "[::1]::53/udp",
  "8000-8010:8000-8010",
])("%s is written as it was read", (text) => {
  expect(formatPort(port(text))).toBe(text);
  expect(isPossiblePort(port(text))).toBe(true);
});

test("an address without brackets gets them", () => {
  expect(formatPort(port("::1:8080:80"))).toBe("[::1]:8080:80");
});

test.each(["9000-9002:80-81", "8080:80/http", "99999:80", "0:80", "90-80:90-80"])(
  "the engine takes no %s",
  (text) => expect(isPossiblePort(port(text))).toBe(false),
);

test("one of a range is picked, so it clashes with nothing; a range that leads to a range is taken whole", () => {
  expect(clash(port("8000-8010:80"), port("8005:80"))).toBe(false);
  expect(clash(port("8000-8010:8000-8010"), port("8005:80"))).toBe(true);
});
