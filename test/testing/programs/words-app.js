import { App } from "tenon";

export const app = new App("words");

export const count = app.function("count", (text) => {
  console.log(`counting ${text.length} characters`);
  return text.split(/\s+/).length;
});
