// Reads a multipart body that is already in memory: one file and a few text fields, one of which may be JSON that a browser
// sends as a file. More files, a second part of a name or
// a broken body are refused. The file's name comes without directories; what it may contain is the use case's to decide.
import { isUtf8 } from 'node:buffer';
import Busboy from '@fastify/busboy';
import { fail, ok, type Result } from '../domain/result.ts';
import type { HttpRequest, UploadedPart } from './message.ts';

export type MultipartBody = { file: UploadedPart; fields: Record<string, string> };

const limits = {
  files: 2,
  fields: 20,
  fieldNameSize: 200,
  fieldSize: 64 * 1024,
  headerPairs: 20,
  headerSize: 16 * 1024,
};

/** The part `jsonField` is text whether or not it has a file name: browsers give one to a Blob, which has a content type. */
export async function parseMultipart(
  request: HttpRequest,
  { file: fileField, json: jsonField }: { file: string; json?: string },
): Promise<Result<MultipartBody>> {
  const contentType = request.headers['content-type'] ?? '';
  const refused = (detail: string, field?: string) => fail('REQUEST_INVALID', detail, field ? { field } : undefined);
  if (!/^multipart\/form-data\s*;/i.test(contentType))
    return refused('The body must be multipart/form-data', 'content-type');
  let parser: InstanceType<typeof Busboy.Busboy>;
  try {
    parser = new Busboy.Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    return refused('The multipart boundary is missing', 'content-type');
  }

  return await new Promise((resolve) => {
    let file: UploadedPart | undefined;
    let fault: Result<never> | undefined;
    // No prototype: a field named `__proto__` is only a name.
    const fields: Record<string, string> = Object.create(null);
    parser.on('file', (name, stream, fileName, _encoding, type) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => {
        fault ??= refused('The multipart body is broken', name);
      });
      stream.on('end', () => {
        if (name === jsonField) takeField(name, Buffer.concat(chunks));
        else if (name !== fileField) fault ??= refused(`Unknown field: ${name}`, name);
        else if (file) fault ??= refused(`Only one file may be sent, in the part ${fileField}`, fileField);
        else file = { fileName: fileName ?? '', contentType: type, bytes: Buffer.concat(chunks) };
      });
    });
    const takeField = (name: string, value: string | Buffer) => {
      if (value.length > limits.fieldSize) fault ??= refused('A text field is too long', name);
      else if (name in fields) fault ??= refused(`The field ${name} is given more than once`, name);
      else if (typeof value === 'string') fields[name] = value;
      else if (isUtf8(value)) fields[name] = value.toString();
      else fault ??= refused(`The part ${name} is not valid UTF-8`, name);
    };
    parser.on('field', (name, value, nameCut, valueCut) => {
      if (nameCut || valueCut) fault ??= refused('A text field is too long', name);
      else takeField(name, value);
    });
    parser.on('fieldsLimit', () => {
      fault ??= refused(`More than ${limits.fields} text fields`);
    });
    parser.on('filesLimit', () => {
      fault ??= refused(`Only one file may be sent, in the part ${fileField}`, fileField);
    });
    parser.on('error', () => resolve(refused('The multipart body is broken')));
    parser.on('finish', () => {
      if (fault) resolve(fault);
      else if (!file) resolve(refused(`The part ${fileField} with the file is required`, fileField));
      else resolve(ok({ file, fields: { ...fields } }));
    });
    parser.end(Buffer.from(request.body));
  });
}
