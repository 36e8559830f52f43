// A browser of many years ago, such as an app's built-in one on an old phone: it has script, but neither modules, WASM,
// sockets, fetch nor popovers, and it ignores what is younger than 2017 in a style sheet.

import { type Page } from '@playwright/test';

/** Rules whose selector it does not know. */
const SELECTORS = /:(has|is|where|focus-visible|user-invalid|popover-open)\b|::(view-transition|file-selector-button|backdrop)|&/;
/** Blocks that it skips. */
const BLOCKS = /^@(layer|container|starting-style|view-transition|property|scope|supports)\b/;
const PROPERTIES =
  /^(inset|(inset|margin|padding|border)-(inline|block).*|aspect-ratio|accent-color|scale|translate|rotate|text-wrap|place-.*|clip-path|view-transition-.*)$/;
const VALUES = /\b(oklch|light-dark|color-mix|min|max|clamp)\(|\d(dvh|dvmin|svh)\b|\banywhere\b/;

/** A style sheet as such a browser understands it. */
export function aged(sheet: string): string {
  const css = sheet.replace(/\/\*[\s\S]*?\*\//g, '');
  // A property with a value that it does not know is worth nothing where it is used.
  const unknown = [...css.matchAll(/(--[\w-]+):([^;}]*)/g)].filter(([, , value = '']) => VALUES.test(value)).map(([, name]) => name);
  const isKnown = (name: string) => [...css.matchAll(new RegExp(`${name}:([^;}]*)`, 'g'))].some(([, value = '']) => !VALUES.test(value));
  const lost = unknown.filter((name): name is string => name !== undefined && !isKnown(name));
  return rules(css, (declaration) => {
    const [name = '', value = ''] = declaration.split(/:(.*)/s).map((part) => part.trim());
    return !PROPERTIES.test(name) && !VALUES.test(value) && !lost.some((property) => value.includes(`var(${property})`));
  });
}

function rules(css: string, keeps: (declaration: string) => boolean): string {
  let result = '';
  for (let at = 0; at < css.length; ) {
    const open = css.indexOf('{', at);
    if (open < 0) break;
    let close = open + 1;
    for (let depth = 1; depth > 0; close++) depth += css[close] === '{' ? 1 : css[close] === '}' ? -1 : 0;
    const head = css.slice(at, open).trim();
    const body = css.slice(open + 1, close - 1);
    if (/^@(media|keyframes)/.test(head)) result += `${head}{${rules(body, keeps)}}`;
    else if (!BLOCKS.test(head) && !SELECTORS.test(head)) result += `${head}{${body.split(';').filter(keeps).join(';')}}`;
    at = close;
  }
  return result;
}

/** Makes the browser of this page such a one. It cannot show the question of a button later, so it shows it at once. */
export async function age(page: Page): Promise<Page> {
  const context = page.context();
  await context.addInitScript(() => {
    for (const name of ['WebAssembly', 'WebSocket', 'fetch', 'EventSource', 'BarcodeDetector']) Reflect.deleteProperty(globalThis, name);
    Reflect.deleteProperty(HTMLScriptElement.prototype, 'noModule');
    Reflect.deleteProperty(Document.prototype, 'startViewTransition');
    Object.defineProperty(navigator, 'mediaDevices', { value: undefined });
  });
  await context.route(/\.(js|wasm)$/, (route) => (route.request().url().endsWith('/page.js') && !route.request().url().includes('/scan/') ? route.continue() : route.abort()));
  await context.route(/\.css$/, async (route) => {
    // Not by the browser, which may drop the response while it leaves the page.
    const sheet = await (await fetch(route.request().url())).text();
    const body = `${aged(sheet)}[popover]{display:block!important;position:static!important}`;
    await route.fulfill({ contentType: 'text/css', body });
  });
  return page;
}
