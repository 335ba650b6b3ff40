// Writes docs/openapi/breaks.json from the routes: `node functions/api-breaks/write-openapi.ts`. A test holds the two together.
import { writeFileSync } from 'node:fs';
import { describeBreaks } from './description.ts';

const target = new URL('../../docs/openapi/breaks.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(describeBreaks('http://localhost:8081'), null, 2)}\n`);
