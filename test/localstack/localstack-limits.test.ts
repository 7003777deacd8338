import { emulatedAws } from "../helpers/emulator.ts";
import { COUNTED, testLimits } from "./limits-suite.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;

testLimits(await emulatedAws({ env, kind: "localstack", limits: COUNTED }));
