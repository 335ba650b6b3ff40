// The story of the break management document on the deployed platform.
import { randomUUID } from 'node:crypto';
import { inject, test } from 'vitest';
import { tellStory } from './story.ts';

test('the samples of the document in order: admin, maker, checker', async () => {
  const { urls } = inject('stack');
  await tellStory(urls.breaks!, `CUSTODY_${randomUUID().slice(0, 8).toUpperCase()}`);
}, 180_000);
