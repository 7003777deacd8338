// Starts miniflare on a Worker and prints its first response.
import { Miniflare } from "miniflare";

const miniflare = new Miniflare({ modules: true, script: `export default { fetch() { return new Response("first"); } }` });
const response = await miniflare.dispatchFetch("http://localhost/");
console.log(await response.text());
await miniflare.dispose();
