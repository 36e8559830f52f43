// `test` as used by all specs: with a server, people, and error monitoring.

import { test as base } from '@playwright/test';
import { People } from './people';
import { Server, type Settings } from './server';
import { Troubles } from './troubles';

interface Fixtures {
  settings: Settings;
  server: Server;
  troubles: Troubles;
  people: People;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  server: async ({ settings }, use) => {
    const server = await Server.start(settings);
    await use(server);
    await server.stop();
  },
  troubles: async ({}, use) => {
    const troubles = new Troubles();
    await use(troubles);
    troubles.check();
  },
  people: async ({ browser, server, troubles }, use) => {
    await use(new People(browser, server, troubles));
    for (const context of browser.contexts()) await context.close();
  },
});

export { expect } from '@playwright/test';
