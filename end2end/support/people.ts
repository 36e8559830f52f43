// Browsers of people: PCs and phones, each with its own cookies, all monitored for errors.

import { type Browser, type BrowserContextOptions, type Page, devices } from '@playwright/test';
import type { Server } from './server';
import type { Troubles } from './troubles';

/** The accounts of `serve --demo`. */
export const PASSWORDS = { dong: '111', guang: '222' } as const;
export type Account = keyof typeof PASSWORDS;

export interface Phone extends BrowserContextOptions {
  /** The account that is signed in on it. */
  account?: Account;
}

export class People {
  constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly troubles: Troubles,
  ) {}

  /** A PC with an empty tab. */
  async desktop(options: BrowserContextOptions = {}): Promise<Page> {
    return this.device('Desktop Chrome', options);
  }

  /** A phone with an empty tab. */
  async phone({ account, ...options }: Phone = {}): Promise<Page> {
    const page = await this.device('Pixel 7', options);
    if (account) {
      const form = { username: account, password: PASSWORDS[account], remember: '1' };
      const answer = await page.request.post('/api/login', { form, headers: { accept: 'application/json' } });
      if (!answer.ok()) throw new Error(`${account} cannot sign in: ${await answer.text()}`);
    }
    return page;
  }

  private async device(name: string, options: BrowserContextOptions): Promise<Page> {
    const { defaultBrowserType: _, ...device } = devices[name] ?? {};
    return this.tab({ ...device, ...options });
  }

  /** An empty tab of a browser that says itself what it is. */
  async tab(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ baseURL: this.server.url, ...options });
    await this.troubles.watch(context, options.javaScriptEnabled !== false);
    return context.newPage();
  }
}
