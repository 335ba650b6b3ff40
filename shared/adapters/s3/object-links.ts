// Links that callers use without credentials of their own: short-lived, for one object.
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ObjectLinks } from '../../ports/object-store.ts';
import { dependency } from '../dependency-fault.ts';

export function createObjectLinks(bucket: string, client: S3Client): ObjectLinks {
  return {
    downloadUrl(key, fileName, seconds) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentDisposition: dispositionOf(fileName),
      });
      return dependency('S3', () => getSignedUrl(client, command, { expiresIn: seconds }));
    },
    uploadForm(key, bytesMax, seconds) {
      return dependency('S3', () =>
        createPresignedPost(client, {
          Bucket: bucket,
          Key: key,
          Conditions: [['content-length-range', 0, bytesMax]],
          Expires: seconds,
        }),
      );
    },
  };
}

/** RFC 6266: a plain name for old readers, and the true one encoded; neither can break out of the header. */
function dispositionOf(fileName: string): string {
  const plain = fileName.replaceAll(/[^\w.-]/g, '_');
  const exact = encodeURIComponent(fileName).replaceAll(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
