// Every page in every state, for checks that go for all of them.

import { desktopScenes } from './desktop';
import { type Scene, at, confirmedByApp } from './parts';
import { phoneScenes } from './phone';

export type { Scene, Stage } from './parts';

export const scenes = [...desktopScenes, ...phoneScenes];

/** Pages that only browsers without script show. */
export const plainScenes: Scene[] = [
  {
    name: 'pc-plain',
    open: async ({ people, options }) => at(await people.desktop({ ...options, javaScriptEnabled: false }), '/'),
  },
  {
    name: 'pc-plain-confirmed',
    open: async (stage) => {
      const { id, pc } = await confirmedByApp(stage);
      const page = await stage.people.desktop({ ...stage.options, javaScriptEnabled: false });
      await page.context().addCookies(await pc.context().cookies());
      return at(page, `/?ticket=${id}`);
    },
  },
];
