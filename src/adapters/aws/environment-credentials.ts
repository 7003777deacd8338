// Stands in the place of @aws-sdk/credential-provider-node in the asset for Lambda. Lambda gives the role's keys as
// variables; what looks for them elsewhere is a quarter of the SDK.
import { fromEnv } from "@aws-sdk/credential-provider-env";

/** Credentials from the variables of the process. */
export const defaultProvider: Pick<typeof import("@aws-sdk/credential-provider-node"), "defaultProvider">["defaultProvider"] = fromEnv;
