// Cameras of phones: Chromium's fake one, which plays a film, and one that a page draws itself.

import { type Browser, type Page, chromium as playwright } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { chromium } from './chromium';

const FAKE = '--use-fake-device-for-media-stream';
const NO_PROMPT = '--use-fake-ui-for-media-stream';

/** What a browser's camera is like. */
export const cameras = {
  /** Shows this film, an absolute path. */
  playing: (film: string) => [FAKE, NO_PROMPT, `--use-file-for-fake-video-capture=${film}`],
  /** The person refuses. */
  refused: [FAKE, `${NO_PROMPT}=deny`],
  /** There is none. */
  missing: [`${FAKE}=device-count=0`, NO_PROMPT],
};

/** Starts another browser, with more arguments. */
export async function launch(args: string[]): Promise<Browser> {
  return playwright.launch({ ...chromium, args: [...chromium.args, ...args] });
}

/** Films the part of the screen around the code: one grey frame, which Chromium repeats. */
export async function film(page: Page, file: string): Promise<void> {
  const code = await page.locator('.code').boundingBox();
  if (!code) throw new Error('the page shows a code');
  const [width, height] = [640, 480];
  const clip = { x: code.x + code.width / 2 - width / 2, y: code.y + code.height / 2 - height / 2, width, height };
  const { data, ...size } = PNG.sync.read(await page.screenshot({ clip: { ...clip, x: Math.max(0, clip.x), y: Math.max(0, clip.y) } }));
  const grey = Buffer.alloc(size.width * size.height);
  for (let at = 0; at < grey.length; at++) {
    const [red, green, blue] = data.subarray(4 * at, 4 * at + 3);
    grey[at] = 0.299 * (red ?? 0) + 0.587 * (green ?? 0) + 0.114 * (blue ?? 0);
  }
  const colours = Buffer.alloc(grey.length / 2, 128);
  const head = `YUV4MPEG2 W${size.width} H${size.height} F10:1 Ip A1:1 C420jpeg\n`;
  await writeFile(file, Buffer.concat([Buffer.from(head), Buffer.from('FRAME\n'), grey, colours]));
}

/** What the browser's own detector does: finds this text, finds nothing, fails, or knows no QR codes. */
export type Detector = { finds: string } | 'nothing' | 'failure' | 'other formats';

/** Where a code is in the camera's view of 720 by 1280: left, top, width and height. */
const AT_ARMS_LENGTH = [200, 480, 320, 320] as const;
export const ALL_OF_IT = [0, 0, 720, 1280] as const;

/** Gives a page a camera that shows this SVG in a part of its view, and a detector. */
export async function draw(
  page: Page,
  svg: string,
  detector?: Detector,
  part: readonly [number, number, number, number] = AT_ARMS_LENGTH,
): Promise<void> {
  await page.addInitScript(
    ({ svg, detector, part }) => {
      const picture = new Image();
      picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      navigator.mediaDevices.getUserMedia = async () => {
        await picture.decode();
        const paper = document.createElement('canvas');
        [paper.width, paper.height] = [720, 1280];
        const pen = paper.getContext('2d');
        const paint = () => {
          if (!pen) return;
          pen.fillStyle = '#bbb';
          pen.fillRect(0, 0, paper.width, paper.height);
          pen.drawImage(picture, ...part);
          requestAnimationFrame(paint);
        };
        paint();
        return paper.captureStream(10);
      };
      class BarcodeDetector {
        static async getSupportedFormats() {
          return detector === 'other formats' ? [] : ['qr_code'];
        }
        async detect() {
          if (detector === 'failure') throw new DOMException('service unavailable', 'NotSupportedError');
          return typeof detector === 'object' ? [{ rawValue: detector.finds }] : [];
        }
      }
      Object.assign(globalThis, { BarcodeDetector: detector ? BarcodeDetector : undefined });
    },
    { svg, detector, part },
  );
}
