/**
 * Bytes that travel as text, a character each. Brotli packs that nearly as well as the bytes themselves: better than hex,
 * by a thirtieth, but the file has to be read as UTF-8. Modules always are; the script tag's file might not be.
 *
 * A byte is the character 35 further on, for then most are of one byte, and few have to be escaped. Past 255 it begins
 * anew, and there what is no printable character is 256 further on.
 */
export const fromPacked = (packed: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(packed, (character) => character.charCodeAt(0) - 35);
