// Before all tests: an emulated AWS account with this App deployed in it.
import { deployForTests } from "tenon/testing";

export default deployForTests({ entry: new URL("./orders.ts", import.meta.url) });
