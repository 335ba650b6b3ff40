// Objects in the versioned bucket. It streams what is large and never lists.
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ObjectStore } from '../../ports/object-store.ts';
import { dependency } from '../dependency-fault.ts';

export function createObjectStore(bucket: string, client: S3Client): ObjectStore {
  /** Undefined where there is no such object (or version). */
  const unlessAbsent = <T>(call: () => Promise<T>): Promise<T | undefined> =>
    dependency('S3', async () => {
      try {
        return await call();
      } catch (error) {
        if (absent.has((error as Error).name)) return undefined;
        throw error;
      }
    });
  return {
    async download(key, path, versionId) {
      const found = await unlessAbsent(async () => {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
        await pipeline(answer.Body as Readable, createWriteStream(path));
        return true;
      });
      return found ?? false;
    },
    async upload(path, key, contentType) {
      const { size } = await stat(path);
      const { VersionId } = await dependency('S3', () =>
        new Upload({
          client,
          params: { Bucket: bucket, Key: key, Body: createReadStream(path), ContentType: contentType },
          partSize: partBytesFor(size),
        }).done(),
      );
      return { key, versionId: VersionId ?? unversioned, bytes: size };
    },
    async put(key, body, contentType) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const { VersionId } = await dependency('S3', () =>
        client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType })),
      );
      return { key, versionId: VersionId ?? unversioned, bytes: bytes.length };
    },
    get(key) {
      return unlessAbsent(async () => {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return answer.Body?.transformToByteArray();
      });
    },
    head(key) {
      return unlessAbsent(async () => {
        const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
        return { key, versionId: answer.VersionId ?? unversioned, bytes: answer.ContentLength ?? 0 };
      });
    },
    async copy(from, to) {
      const version = from.versionId === undefined ? '' : `?versionId=${encodeURIComponent(from.versionId)}`;
      const path = from.key.split('/').map(encodeURIComponent).join('/');
      await dependency('S3', () =>
        client.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${path}${version}` })),
      );
    },
    async delete(key) {
      await dependency('S3', () => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },
  };
}
/** What S3 calls the version of an object in a bucket that keeps none. */
const unversioned = 'null';

/** NoSuchVersion, and InvalidArgument for an id of no version's form, are answers to a version that was given. */
const absent = new Set(['NoSuchKey', 'NotFound', 'NoSuchVersion']);

/** S3 takes at most 10,000 parts; small parts keep little of the file in memory. */
function partBytesFor(size: number): number {
  return Math.max(8 * 1024 * 1024, Math.ceil(size / 9_000));
}
