import { App } from "tenon";

export const app = new App("orders");

export const total = app.function("total", (prices: readonly number[]) => prices.reduce((sum, price) => sum + price, 0));

export const ship = app.function("ship", async (order: { id: string; at: Date }) => `${order.id} leaves on ${order.at.toDateString()}`);
