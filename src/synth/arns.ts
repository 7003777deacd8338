import { blobBucket } from "../model/aws-names.ts";

/** A text of a template, with `${AWS::Region}` and the like in it. */
export interface Sub {
  readonly "Fn::Sub": string;
}

/** What a statement names: a text of a template, or one that stands as it is. */
export type Resource = Sub | string;

/** A text that somebody wrote, in which `${AWS::Region}` and the like may stand. */
export function resource(text: string): Resource {
  return text.includes("${AWS::") ? { "Fn::Sub": text } : text;
}

/** A resource as it was written, such as `arn:${AWS::Partition}:s3:::prices`. */
export function textOf(of: Resource): string {
  return typeof of === "string" ? of : of["Fn::Sub"];
}

/** The ARN of a resource in the stack's own partition, region and account. */
export function arn(service: string, resource: string): Sub {
  return { "Fn::Sub": `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}` };
}

/** The ARN of an environment's bucket. */
export function bucketArn(environment: string): Sub {
  return { "Fn::Sub": `arn:\${AWS::Partition}:s3:::${blobBucket(environment, "${AWS::AccountId}", "${AWS::Region}")}` };
}

/** The ARN of an object of an environment's bucket; the key may end in `*`. */
export function objectArn(environment: string, key: string): Sub {
  return { "Fn::Sub": `${bucketArn(environment)["Fn::Sub"]}/${key}` };
}
