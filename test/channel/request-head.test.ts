import { describe, expect, it } from "vitest";
import { OPERATIONS, readRequestHead, requestHead } from "../../src/channel/request-head.ts";
import { OPERATIONS_VERSION } from "../../src/ports/backend.ts";

describe("the head of a request", () => {
  it("says the operation by its port and method, who asks, and what goes with it", () => {
    const read = readRequestHead(requestHead("dict.get", "in-1", "[1]\n2"));
    expect(read).toMatchObject({ operation: { port: "dict", method: "get", ofObjects: true }, parent: "in-1", rest: "[1]\n2" });
    expect(readRequestHead(requestHead("calls.get", undefined, ""))).toMatchObject({ parent: undefined, rest: "" });
  });

  it("keeps operations of one name apart by their ports", () => {
    expect([...OPERATIONS.keys()].filter((name) => name.endsWith(".get"))).toEqual(["calls.get", "dict.get"]);
    expect([...OPERATIONS.keys()].filter((name) => name.endsWith(".list"))).toEqual(["apps.list", "dict.list"]);
  });

  it("of an operation that nobody knows is refused by its name", () => {
    expect(() => readRequestHead(`${OPERATIONS_VERSION} queue.dance \n{}`)).toThrow('The operation "queue.dance" is unknown');
    expect(() => readRequestHead(`${OPERATIONS_VERSION} get \n{}`)).toThrow('The operation "get" is unknown');
  });

  it("of another version of the operations is refused, and so is what has no head", () => {
    expect(() => readRequestHead("7 dict.get \n[]")).toThrow(
      `A request of version "7" arrived: this Tenon speaks version ${OPERATIONS_VERSION}.`,
    );
    expect(() => readRequestHead("no line at all")).toThrow('A request of version "" arrived');
  });
});
