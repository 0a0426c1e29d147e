import { mkdir, writeFile } from 'node:fs/promises';
import nodePath from 'node:path';
import { PNG } from 'pngjs';

type Rgb = readonly [number, number, number];

/** A PNG of RGB pixels. */
export function png(
  width: number,
  height: number,
  color: (x: number, y: number) => Rgb,
  options: object = {},
): Uint8Array {
  const image = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) image.data.set([...color(x, y), 255], (y * width + x) * 4);
  }
  return bytes(PNG.sync.write(image, { colorType: 2, ...options }));
}

/** A PNG of one color; red tells which image it is. */
export const plain = (red: number, side = 4): Uint8Array => png(side, side, () => [red, 0, 128]);

/** A copy: views of Node's own pool would carry its other bytes along. */
const bytes = (buffer: Uint8Array): Uint8Array => Uint8Array.from(buffer);
const unpacked = (text: string): Uint8Array => bytes(Buffer.from(text, 'base64'));

/**
 * JPEG files of libjpeg, written by Pillow 12.3: `base` (4:2:0) and `progressive` show pixel (x, y) of 10 x 9 as [20 x,
 * 25 y, 13 (x + y)], `gray` the luminance of the same, `cmyk` 8 x 8 pixels of ink 40, 80, 120, 30.
 */
export const jpegFiles = {
  base: unpacked(
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDA' +
      'sKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAJ' +
      'AAoDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhBy' +
      'JxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKT' +
      'lJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAA' +
      'AAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRom' +
      'JygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExc' +
      'bHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD5K/Z3/wCCbH+o/wCJB6f8sq+oLX/gmwPssedB/wCWY/5Z+1fQ' +
      'f7O/SD6Cvp+1/wCPaP8A65j+VfScNZliPqR8n4LeOnGa4aXv9F1Z/9k=',
  ),
  progressive: unpacked(
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGB' +
      'YUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAJ' +
      'AAoDASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EABQBAQAAAAAAAAAAAAAAAAAAAAT/2gAMAwEAAhADEAAAAQTZW1YD/8QAGRAAAg' +
      'MBAAAAAAAAAAAAAAAAAAEFBiEx/9oACAEBAAEFAo6tireRwuf/xAAYEQACAwAAAAAAAAAAAAAAAAAABQQTMf/aAAgBAwEBPwFK9lUaf//EABgR' +
      'AAIDAAAAAAAAAAAAAAAAAAABAwQS/9oACAECAQE/Aa0jyf/EABgQAAIDAAAAAAAAAAAAAAAAAAABECIy/9oACAEBAAY/AlUyKP/EABkQAAEFAA' +
      'AAAAAAAAAAAAAAAAAQITHB8f/aAAgBAQABPyHFGVUID//aAAwDAQACAAMAAAAQt//EABcRAAMBAAAAAAAAAAAAAAAAAAARQXH/2gAIAQMBAT8Q' +
      'R4p//8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAgBAgEBPxB//8QAGBABAAMBAAAAAAAAAAAAAAAAAAGBoTH/2gAIAQEAAT8QxivQcVZ4f//Z',
  ),
  gray: unpacked(
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDA' +
      'sKDAkKCgr/wAALCAAJAAoBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIh' +
      'MUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhI' +
      'WGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APkr' +
      '9nf/AIJsf6j/AIkHp/yyr6gtf+CbA+yx50H/AJZj/ln7V9B/s79IPoK+n7X/AI9o/wDrmP5V/9k=',
  ),
  cmyk: unpacked(
    '/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCg' +
      'wJCgoK/8AAFAgACAAIBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQEC' +
      'AwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dX' +
      'Z3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4E' +
      'QwBNAFkASwAAPwD9XK+vK3K/YSv/2Q==',
  ),
} as const;

/** `count` images of a class in each of two classes: red is 10 i of the first class, 10 i + 5 of the second. */
export function twoClasses(at: string, count: number): Record<string, Uint8Array> {
  const images = (name: string, more: number) =>
    Array.from({ length: count }, (_, i) => [`${at}${name}/${i}.png`, plain(10 * i + more)] as const);
  return Object.fromEntries([...images('ant', 0), ...images('bee', 5)]);
}

/** Writes files by their paths in `folder`. */
export async function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    const file = nodePath.join(folder, name);
    await mkdir(nodePath.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
