// A request and a reply of an API, apart from the trigger that carried them. The file part of a multipart body too.

export type HttpRequest = {
  method: string;
  /** As received, without the configured base path; segments may still be percent-encoded. */
  path: string;
  /** Raw, without the question mark: repeated keys are kept. */
  query: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  sourceAddress: string;
  requestId: string;
  /** Epoch ms. */
  receivedAt: number;
};

export type HttpReply = { status: number; headers: Record<string, string>; body: string | Uint8Array };

export type UploadedPart = { fileName: string; contentType: string; bytes: Uint8Array };

/** What a handler of a download answers: the bytes, where they are, a JSON body that says where, or that they are to come. */
export type FileReply<Link = unknown, Pending = unknown> =
  | { pending: Pending; retryAfterSeconds: number }
  | { contentType: string; fileName: string; bytes: Uint8Array }
  | { redirect: string }
  | { link: Link };

/** What the handler of a route with `pending` answers when the work lasts longer than the request: where to ask for it. */
export class PendingReply<Body = unknown> {
  readonly body: Body;
  /** Absolute, or a path of the surface. */
  readonly location: string;
  readonly retryAfterSeconds: number;
  constructor(body: Body, location: string, retryAfterSeconds: number) {
    this.body = body;
    this.location = location;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Lambda's payload limit is 6 MiB; a little is left to status and headers. */
export const payloadBytesMax = 6 * 1024 * 1024 - 64 * 1024;
export const replyBytesMax = 5 * 1024 * 1024;
/** A binary reply travels as base64, a third longer, and must stay under the same limit. */
export const binaryReplyBytesMax = 4 * 1024 * 1024;
/** 4 MiB raw is 5.4 MiB as base64 in an event of at most 6 MiB. */
export const bodyBytesMax = 4 * 1024 * 1024;
