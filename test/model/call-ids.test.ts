import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appHead, durableCallId, functionHead, headOfCall, isCallOf } from "../../src/model/call-ids.ts";
import { newCallId } from "../../src/model/ids.ts";
import { checkFunctionCallId } from "../../src/model/names.ts";

const ref = { app: "shop", name: "count" };

describe("the id of a durable call", () => {
  it("begins with what tells its App, then its Function", () => {
    const id = durableCallId("dev", ref, newCallId());
    expect(id.slice(3)).toMatch(new RegExp(`^${appHead("dev", "shop")}`));
    expect(headOfCall(id)).toBe(functionHead("dev", ref));
    expect(functionHead("dev", ref)).toHaveLength(24);
  });

  it("stays the same for ever, since rows have it", () => {
    expect(functionHead("dev", ref)).toBe("goukyr3on7g2spfxoq3triwk");
    expect(durableCallId("dev", ref, "order-42")).toBe("fc-goukyr3on7g2spfxoq3triwkdp6pioeqpuc3bho2sraqnwfdow");
  });

  it("ends with the random id that it was asked with, or with what stands for a caller's own", () => {
    const random = newCallId();
    expect(durableCallId("dev", ref, random)).toBe(`fc-${functionHead("dev", ref)}${random.slice(3)}`);
    expect(durableCallId("dev", ref, "order-42")).toBe(durableCallId("dev", ref, "order-42"));
    expect(durableCallId("dev", ref, "order-42")).not.toBe(durableCallId("dev", ref, "order-43"));
  });

  it("differs for every environment, App and Function", () => {
    const own = ["dev", "prod"].flatMap((environment) =>
      ["shop", "shop2"].flatMap((app) => ["count", "counted"].map((name) => durableCallId(environment, { app, name }, "order-42"))),
    );
    expect(new Set(own).size).toBe(8);
  });

  it("is an id that fromId takes, whatever the caller chose", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9\-_.:]{0,127}$/), (own) => {
        const id = durableCallId("dev", ref, own);
        expect(checkFunctionCallId(id)).toBe(id);
        expect(headOfCall(id)).toBe(functionHead("dev", ref));
      }),
    );
  });

  it("is told from any other text", () => {
    const id = durableCallId("dev", ref, newCallId());
    for (const other of [newCallId(), "fc-1", "order-42", `${id}x`, id.slice(0, -1), `${id}\n`, id.replace("fc-", "in-"), ""])
      expect(headOfCall(other)).toBeUndefined();
  });

  it("tells the calls of one Function from those of every other", () => {
    const id = durableCallId("dev", ref, "order-42");
    expect(isCallOf("dev", ref, id)).toBe(true);
    expect([isCallOf("prod", ref, id), isCallOf("dev", { app: "shop", name: "counted" }, id), isCallOf("dev", ref, "order-42")]).toEqual([false, false, false]); // prettier-ignore
  });
});
