/** Where and when the prices were read. */
export const PRICED = { region: "us-east-1", date: "2026" } as const;

/**
 * List prices in USD of us-east-1, first tier, without free tiers, as AWS's price pages had them in 2026. Other regions
 * differ; what an account pays, its bill says.
 */
export const PRICES = {
  /** aws.amazon.com/sqs/pricing: standard queues. */
  sqsRequest: 0.4 / 1_000_000,
  /** aws.amazon.com/sqs/pricing: FIFO queues. */
  sqsFifoRequest: 0.5 / 1_000_000,
  /** aws.amazon.com/lambda/pricing. */
  lambdaRequest: 0.2 / 1_000_000,
  /** aws.amazon.com/lambda/pricing: arm64. */
  lambdaGibSecond: 0.000_013_333_4,
  /** The same page: x86_64. */
  lambdaGibSecondX86: 0.000_016_666_7,
  /** aws.amazon.com/dynamodb/pricing: on demand, a consistent read of up to 4 KB. */
  dynamoRead: 0.125 / 1_000_000,
  /** The same page: on demand, a write of up to 1 KB. */
  dynamoWrite: 0.625 / 1_000_000,
  /** The same page: a GB of rows for a month. */
  dynamoGbMonth: 0.25,
  /** The same page: a GB of a table with point-in-time recovery for a month, beside the rows themselves. */
  dynamoRecoveryGbMonth: 0.2,
  /** aws.amazon.com/s3/pricing: S3 Standard. */
  s3Put: 5 / 1_000_000,
  /** The same page. */
  s3Get: 0.4 / 1_000_000,
  /** The same page: a GB for a month, up to 50 TB. */
  s3GbMonth: 0.023,
  /** aws.amazon.com/cloudwatch/pricing: a GB that is written to a log group of the standard class. */
  logGb: 0.5,
  /** The same page: a GB of logs for a month. */
  logGbMonth: 0.03,
  /** The same page: a custom metric, in a month in which it gets values. */
  metricMonth: 0.3,
  /** The same page: an alarm on one metric, for a month. */
  alarmMonth: 0.1,
  /** aws.amazon.com/xray/pricing. */
  trace: 5 / 1_000_000,
  /** aws.amazon.com/privatelink/pricing: an interface endpoint in one Availability Zone, $0.01 an hour, for 730 of them. */
  interfaceEndpointMonth: 7.3,
  /** aws.amazon.com/vpc/pricing: a NAT gateway, $0.045 an hour, for 730 of them, without what it carries. */
  natGatewayMonth: 32.85,
} as const;

/** How much more Lambda's time costs on x86_64, as a part of the price on arm64. */
export const X86_MORE = Number((PRICES.lambdaGibSecondX86 / PRICES.lambdaGibSecond - 1).toFixed(2));

/** What so many invocations of a Lambda function of this size cost. */
export function lambdaPrice(invocations: number, milliseconds: number, memoryMiB: number): number {
  return invocations * (PRICES.lambdaRequest + (milliseconds / 1_000) * (memoryMiB / 1_024) * PRICES.lambdaGibSecond);
}

/** An amount as people read it: cents, and `< $0.01` for less. */
export function formatPrice(dollars: number): string {
  if (dollars === 0) return "$0";
  return dollars < 0.01 ? "< $0.01" : `$${dollars.toFixed(2)}`;
}
