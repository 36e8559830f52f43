// The sign-in page with the sample of docs/branding.md.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openCode } from '../support/desktop';
import { test } from '../support/test';
import { pcScreen, take } from './picture';

const DOCS = resolve(__dirname, '../../docs');

/** The settings in the document's sample. */
const sample = async () => {
  const text = await readFile(`${DOCS}/branding.md`, 'utf8');
  const found = text.matchAll(/(QR_LOGIN_\w+)=(?:"([^"]*)"|(\S+))/g);
  return Object.fromEntries([...found].map(([, name, quoted, bare]) => [name ?? '', quoted ?? bare ?? '']));
};

test.use({ settings: async ({}, use) => use({ environment: await sample() }) });

test('the sign-in page of the tea house', async ({ people }) => {
  const pc = await people.desktop(pcScreen);
  await pc.route('**/brand/*', (route) => route.fulfill({ path: `${DOCS}/branding/${route.request().url().split('/').pop()}` }));
  await openCode(pc);
  await take(pc, 'branding');
});
