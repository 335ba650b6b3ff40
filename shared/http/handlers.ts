// Types that join routes to handlers: a total map, so that a missing handler or a wrong result does not compile.
import type { z } from 'zod';
import type { FileDownload, Route, RouteTable } from '../contracts/route.ts';
import type { Result } from '../domain/result.ts';
import type { FileReply, HttpRequest, PendingReply, UploadedPart } from './message.ts';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export type Input<R extends Route, Actor> = {
  params: Parsed<R['params']>;
  query: Parsed<R['query']>;
  body: Parsed<R['body']>;
  file: R extends { multipart: object } ? UploadedPart : undefined;
  actor: R['auth'] extends 'none' ? undefined : Actor;
  request: HttpRequest;
};

export type ReplyOf<R extends Route> = R['result'] extends FileDownload
  ? FileReply<z.output<R['result']['link']>, z.output<R['result']['pending']>>
  : R['result'] extends z.ZodType
    ? z.output<R['result']> | PendingOf<R>
    : never;

type PendingOf<R extends Route> = R extends { pending: infer Schema extends z.ZodType }
  ? PendingReply<z.output<Schema>>
  : never;

export type Handler<R extends Route, Actor> = (input: Input<R, Actor>) => Promise<Result<ReplyOf<R>>>;

export type Handlers<Table extends RouteTable, Actor> = { [Name in keyof Table]: Handler<Table[Name], Actor> };
