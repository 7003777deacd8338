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
  /** aws.amazon.com/lambda/pricing: arm64; x86_64 costs a quarter more. */
  lambdaGibSecond: 0.000_013_333_4,
  /** aws.amazon.com/dynamodb/pricing: on demand, a consistent read of up to 4 KB. */
  dynamoRead: 0.125 / 1_000_000,
  /** The same page: on demand, a write of up to 1 KB. */
  dynamoWrite: 0.625 / 1_000_000,
} as const;

/** What so many invocations of a Lambda function of this size cost. */
export function lambdaPrice(invocations: number, milliseconds: number, memoryMiB: number): number {
  return invocations * (PRICES.lambdaRequest + (milliseconds / 1_000) * (memoryMiB / 1_024) * PRICES.lambdaGibSecond);
}

/** An amount as people read it: cents, and `< $0.01` for less. */
export function formatPrice(dollars: number): string {
  if (dollars === 0) return "$0";
  return dollars < 0.01 ? "< $0.01" : `$${dollars.toFixed(2)}`;
}
