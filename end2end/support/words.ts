// The texts of the pages.

import en from '../../locales/en.json';
import zh from '../../locales/zh-CN.json';

export { en, zh };

/** All texts of a catalogue. */
export function texts(catalogue: Record<string, Record<string, string>>): string[] {
  return Object.values(catalogue).flatMap((group) => Object.values(group));
}
