import { App } from "tenon";

const app = new App("bench-start");

const hello = app.function("hello", async (name: string) => `first ${name}`);

app.localEntrypoint({}, async () => {
  console.log(await hello.remote("result"));
});
