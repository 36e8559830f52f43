// How Firefox is started: Debian's, or another one that speaks WebDriver BiDi. Playwright's own build of Firefox is not needed.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const paths = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'];

/** The program, if there is one. */
export const firefox = paths.find((path): path is string => path !== undefined && existsSync(path));

/** Settings of its tests. */
export const useFirefox = {
  browserName: 'firefox',
  channel: 'moz-firefox',
  launchOptions: { executablePath: resolve(__dirname, 'firefox.mjs'), env: { ...process.env, FIREFOX: firefox ?? '' } },
} as const;
