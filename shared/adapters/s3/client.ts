// The S3 client of the process; its endpoint comes from AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL where one is set.
import { S3Client } from '@aws-sdk/client-s3';

export function createS3Client(): S3Client {
  const emulated = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  // Emulators have no host name per bucket.
  return new S3Client({ forcePathStyle: emulated !== undefined });
}
