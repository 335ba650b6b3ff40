// Writes docs/openapi/recon.json from the routes: `node functions/api-recon/write-openapi.ts`. A test holds the two together.
import { writeFileSync } from 'node:fs';
import { describeRecon } from './description.ts';

const target = new URL('../../docs/openapi/recon.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(describeRecon('http://localhost:8080'), null, 2)}\n`);
