/**
 * Bytes of lower-case hex text. The module travels as hex: brotli packs it almost as well as the bytes themselves, and
 * much better than base64.
 */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  // Newer engines do this themselves.
  const native = (Uint8Array as { fromHex?(hex: string): Uint8Array<ArrayBuffer> }).fromHex;
  if (native) return native.call(Uint8Array, hex);
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < hex.length; i++) {
    // "0" is 48 and "a" is 97: the low four bits, and nine more for a letter.
    const code = hex.charCodeAt(i);
    bytes[i >> 1] = (bytes[i >> 1] << 4) | ((code & 15) + (code >> 6) * 9);
  }
  return bytes;
}
