// Every page in every state, for checks that apply to all of them.

import { type Page } from '@playwright/test';
import { takeTime } from '../desktop';
import { appScenes } from './apps';
import { desktopScenes } from './desktop';
import { type Scene, type SilentPc, type Stage, at, confirmedByApp } from './parts';
import { phoneScenes } from './phone';
import { settingsScenes } from './settings';

export type { Scene, Stage } from './parts';

export const scenes = [...desktopScenes, ...phoneScenes, ...settingsScenes, ...appScenes];

async function plainPage({ people, options }: Stage, { id, pc }: SilentPc): Promise<Page> {
  const page = await people.desktop({ ...options, javaScriptEnabled: false });
  await page.context().addCookies(await pc.context().cookies());
  return at(page, `/?ticket=${id}`);
}

/** Pages that are only shown in browsers without script. */
export const plainScenes: Scene[] = [
  {
    name: 'pc-plain',
    open: async ({ people, options }) => at(await people.desktop({ ...options, javaScriptEnabled: false }), '/'),
  },
  { name: 'pc-plain-asking', open: async (stage) => plainPage(stage, await confirmedByApp(stage)) },
  { name: 'pc-plain-confirmed', open: async (stage) => plainPage(stage, await confirmedByApp(stage, takeTime)) },
];
