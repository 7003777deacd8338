import { App } from "tenon";
import tenon = require("tenon");

export const app = new App("common");
export const double = app.function("double", async (n: number) => n * 2);
export const other = new tenon.App("other");
