// What AWS asks and allows, as the model takes it. Public list prices of us-east-1 (as published in 2025, the same that
// the README uses): no free tier, no discount. Whoever relies on them looks them up again.

/** Dollars each. */
export const prices = {
  /** Lambda, arm64, per GB-second, and per request. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  /** S3 Standard: PUT, POST and COPY; GET; and a GB kept for a month. */
  s3Write: 0.005 / 1e3,
  s3Read: 0.0004 / 1e3,
  s3GbMonth: 0.023,
  /** DynamoDB on demand: 1 KB written; twice that in a transaction. */
  dynamoWriteUnit: 0.625 / 1e6,
  sqsRequest: 0.4 / 1e6,
} as const;

/** Quotas that nobody has to ask for. */
export const quotas = {
  /** Functions of an account at once. */
  lambdaAtOnce: 1_000,
  /** Write units per second of an on-demand table that has never had more; it grows from there. */
  dynamoWriteUnitsPerSecond: 4_000,
} as const;

/** Not measured here: taken to be so. */
export const assumed = {
  /** Processors that work keeps busy, of the 1.7 of a function of 3,008 MB; the rest is margin. As fast as the bench's. */
  processors: 1,
  /** Between a function and S3. */
  transferMbPerSecond: 75,
  /** One request to S3 from asking to the first byte; a task asks for one object after the other. */
  requestSeconds: 0.03,
  /** Of each task: message, lease, run and inputs read, result recorded. */
  taskSeconds: 0.5,
  /** One transaction of 91 items. */
  transactionSeconds: 0.15,
  /** Rows of one file of an increment; a snapshot is one file whatever its size. */
  rowsPerFile: 5_000_000,
} as const;
