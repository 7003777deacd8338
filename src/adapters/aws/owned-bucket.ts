import { accountOfBucket } from "../../model/aws-names.ts";

/** A bucket, and whose it must be: S3 refuses what would go to a bucket of this name in another account. */
export function ownedBucket(bucket: string): { readonly Bucket: string; readonly ExpectedBucketOwner: string | undefined } {
  return { Bucket: bucket, ExpectedBucketOwner: accountOfBucket(bucket) };
}
